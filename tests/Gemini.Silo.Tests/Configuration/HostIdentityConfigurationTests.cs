using Gemini.Silo.Configuration;

namespace Gemini.Silo.Tests.Configuration;

public sealed class HostIdentityConfigurationTests
{
    [Theory]
    [InlineData("127.0.0.1", false, "127.0.0.1:30000", "127.0.0.1:30000")]
    [InlineData("127.0.0.7", false, "127.0.0.7:30000", "127.0.0.7:30000")]
    [InlineData("10.0.0.1", false, "127.0.0.1:30000", "127.0.0.1:30000")]
    [InlineData("fd00::1", false, "[::1]:30000", "[::1]:30000")]
    [InlineData("10.0.0.1", true, "127.0.0.1:30000", "0.0.0.0:30000")]
    [InlineData("fd00::1", true, "[::1]:30000", "[::]:30000")]
    public void Gateway_IsForThisMachineUnlessToldOtherwise(string address, bool remoteClients, string trainers, string listens)
    {
        var host = new HostIdentityConfiguration { Address = address, RemoteClients = remoteClients };
        Assert.Equal((trainers, listens), (host.GatewayEndpoint().ToString(), host.GatewayListeningEndpoint().ToString()));
    }

    [Theory]
    [InlineData("", "10.0.0.1:11112")]
    [InlineData("10.1.0.1", "10.1.0.1:11112")]
    [InlineData("fd00::1", "[fd00::1]:11112")]
    public void DataPort_IsOnTheInterfaceForReplicas(string checkpointAddress, string expected)
    {
        var host = new HostIdentityConfiguration { Address = "10.0.0.1", CheckpointAddress = checkpointAddress };
        Assert.Equal(expected, host.DataEndpoint().ToString());
        Assert.Equal("10.0.0.1:11111", host.EndpointOf(host.SiloPort).ToString());
    }
}
