using System.Net;
using System.Net.Sockets;
using System.Text;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Tests.Configuration;

/// <summary>Every problem with Redis gives one line that names the fix.</summary>
public sealed class RedisProbeTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("127.0.0.1:6390", "NOAUTH Returned - connection has not yet authenticated", "wants a password, and the configuration has none; append \",password")]
    [InlineData("127.0.0.1:6390,password=x", "SimpleError: WRONGPASS invalid username-password pair or user is disabled.", "refuses the password; correct it")]
    [InlineData("127.0.0.1:6390,password=x", "ERR AUTH <password> called without any password configured", "refuses the password; correct it")]
    [InlineData("10.0.0.1:6390", "DENIED Redis is running in protected mode because protected mode is enabled", "answers only clients on its own machine (protected mode); give")]
    [InlineData("127.0.0.1:6390,defaultDatabase=99", "The database does not exist on the server: 99", "has no database 99; correct or leave out \",defaultDatabase")]
    [InlineData("127.0.0.1:6390", RedisDial.Silence, "did not answer within 1 s; check that the server is healthy")]
    [InlineData("127.0.0.1:6390", RedisDial.Pong, "did not answer within 1 s; check that the server is healthy")]
    [InlineData("127.0.0.1:6390", "Connection refused", "cannot be reached (Connection refused); start the server (redis-server --port 6390)")]
    public void Explain_WhatServersAndClientsSay_NamesTheFix(string redis, string words, string expected) =>
        Assert.StartsWith(expected, RedisProbe.Explain(words, RedisProbe.Parse(redis), Limit), StringComparison.Ordinal);

    [Theory]
    [InlineData("redis://127.0.0.1:6379/0")]
    [InlineData("rediss://user:secret@example.org")]
    public void Parse_Url_IsRefusedWithTheRightForm(string url)
    {
        var error = Assert.Throws<BadInputException>(() => RedisProbe.Parse(url));

        Assert.StartsWith("redis is a URL, which is not supported; it is \"address:port\"", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:6379", "127.0.0.1:6379")]
    [InlineData("a:1,b:2,user=u, Password=secret,ssl=true", "a:1,b:2,user=u,password=***,ssl=true")]
    [InlineData("a:1,password=p@ss", "a:1,password=***")]
    [InlineData("rediss://user:secret@example.org", "***")]
    public void WithoutPassword_LeavesEverythingElse(string redis, string expected) => Assert.Equal(expected, RedisProbe.WithoutPassword(redis));

    [Fact]
    public async Task Ask_NobodyListens_SaysSoWithTheServersPort()
    {
        using var refusing = TestPorts.Refusing();
        var port = ((IPEndPoint)refusing.LocalEndPoint!).Port;

        var error = await Assert.ThrowsAsync<BadInputException>(() => RedisProbe.EnsureReachableAsync($"127.0.0.1:{port}", new HeldTimers(), CancellationToken.None));

        Assert.Equal($"redis 127.0.0.1:{port} cannot be reached (Connection refused); start the server (redis-server --port {port}) or correct the address.", error.Message);
        Assert.True(error.MayPass);
    }

    /// <summary>A server in protected mode sends the reason and closes. The client library does not pass the reason on.</summary>
    [Fact]
    public async Task Ask_ServerRefusesWithAWord_ItsWordIsUnderstood()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stop = new CancellationTokenSource();
        var serving = ServeAsync(listener, "-DENIED Redis is running in protected mode because no password is set\r\n", stop.Token);

        var error = await Assert.ThrowsAsync<BadInputException>(
            () => RedisProbe.EnsureReachableAsync($"{listener.LocalEndpoint}", new HeldTimers(), CancellationToken.None));

        Assert.Contains("protected mode", error.Message, StringComparison.Ordinal);
        Assert.Contains("requirepass", error.Message, StringComparison.Ordinal);
        Assert.False(error.MayPass);
        await stop.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task Ask_ServerSaysNothing_EndsAfterTheLimit()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        var error = await Assert.ThrowsAsync<BadInputException>(
            () => RedisProbe.AskAsync($"{listener.LocalEndpoint}", database => database.PingAsync(), Limit, TimeProvider.System, CancellationToken.None));

        Assert.Contains("did not answer within 1 s", error.Message, StringComparison.Ordinal);
    }

    private static async Task ServeAsync(TcpListener listener, string words, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(stop);
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(words), stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
