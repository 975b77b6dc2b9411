using System.Net;
using Gemini.Silo.Status;

namespace Gemini.Silo.Tests.Status;

public sealed class LocalGatewaysTests
{
    private static readonly HashSet<IPAddress> Own = [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("fd00::1"), IPAddress.Loopback];

    [Theory]
    [InlineData("10.0.0.1", "127.0.0.1")]
    [InlineData("[fd00::1]", "[::1]")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.7", "127.0.0.7")]
    [InlineData("[::1]", "[::1]")]
    public void Choose_GatewayOfThisMachine_IsTakenByLoopbackAndOthersAreNot(string address, string expected)
    {
        Uri[] gateways = [Gateway("10.0.0.2"), Gateway(address), Gateway("10.0.0.3")];
        Assert.Equal([Gateway(expected)], LocalGateways.Choose(gateways, Own));
    }

    [Fact]
    public void Choose_NoneOnThisMachine_AllAreTakenAsTheyAre()
    {
        Uri[] gateways = [Gateway("10.0.0.2"), Gateway("10.0.0.3")];
        Assert.Equal(gateways, LocalGateways.Choose(gateways, Own));
    }

    [Fact]
    public void Choose_SeveralOnThisMachine_AllAreTaken()
    {
        Uri[] gateways = [Gateway("127.0.0.1", 1), Gateway("10.0.0.1", 2)];
        Assert.Equal([Gateway("127.0.0.1", 1), Gateway("127.0.0.1", 2)], LocalGateways.Choose(gateways, Own));
    }

    private static Uri Gateway(string address, int port = 30000) => new($"gwy.tcp://{address}:{port}/77");
}
