using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Wire;

namespace Gemini.Interfaces.Tests.Wire;

public sealed class PortRangeTests
{
    [Theory]
    [InlineData("20000-20031", 20000, 20031, 32)]
    [InlineData("7-7", 7, 7, 1)]
    [InlineData("", 0, 0, 0)]
    public void TryParse_Range_IsReadAndWrittenBack(string text, int first, int last, int count)
    {
        Assert.True(PortRange.TryParse(text, out var range));
        Assert.Equal((new PortRange(first, last), count, text), (range, range.Count, range.ToString()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("20000")]
    [InlineData("20031-20000")]
    [InlineData("0-5")]
    [InlineData("1-65536")]
    [InlineData("-1-5")]
    [InlineData("a-b")]
    [InlineData("1-2-3")]
    public void TryParse_NoRange_IsRefused(string? text) => Assert.False(PortRange.TryParse(text, out _));

    [Fact]
    public void Bind_FirstPortsAreTaken_TakesTheNextOne_AndSaysWhenNoneIsLeft()
    {
        using var first = Listen(default);
        var port = ((IPEndPoint)first.LocalEndPoint!).Port;
        var range = new PortRange(port, Math.Min(port + 8, 65535));

        List<Socket> taken = [];
        try
        {
            var error = Assert.Throws<SocketException>(() =>
            {
                while (taken.Count <= range.Count) taken.Add(Listen(range));
            });

            Assert.Equal(SocketError.AddressAlreadyInUse, error.SocketErrorCode);
            Assert.All(taken, socket => Assert.InRange(((IPEndPoint)socket.LocalEndPoint!).Port, port + 1, range.Last));
        }
        finally
        {
            taken.ForEach(socket => socket.Dispose());
        }
    }

    private static Socket Listen(PortRange ports)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            ports.Bind(socket, IPAddress.Loopback);
            socket.Listen();
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    [Theory]
    [InlineData(" 1-2")]
    [InlineData("1-2 ")]
    [InlineData("1 - 2")]
    [InlineData("+1-2")]
    [InlineData("1--2")]
    [InlineData("-")]
    [InlineData("1-")]
    [InlineData("-2")]
    [InlineData("0-0")]
    [InlineData("1-99999999999")]
    [InlineData("65536-65537")]
    public void TryParse_AlmostARange_IsRefusedAndGivesNone(string text)
    {
        Assert.False(PortRange.TryParse(text, out var range));
        Assert.Equal(default, range);
    }

    [Theory]
    [InlineData("1-65535", 65535)]
    [InlineData("65535-65535", 1)]
    public void TryParse_OutermostPorts_AreTaken(string text, int count)
    {
        Assert.True(PortRange.TryParse(text, out var range));
        Assert.Equal(count, range.Count);
    }

    /// <summary>Another port would not help, so the first attempt is the last.</summary>
    [Fact]
    public void Bind_AddressIsOfAnotherMachine_SaysSo()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var error = Assert.Throws<SocketException>(() => new PortRange(20000, 20031).Bind(socket, IPAddress.Parse("192.0.2.1")));
        Assert.Equal(SocketError.AddressNotAvailable, error.SocketErrorCode);
    }
}
