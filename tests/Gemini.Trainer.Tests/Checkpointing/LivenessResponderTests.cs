using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Checkpointing;

namespace Gemini.Trainer.Tests.Checkpointing;

public sealed class LivenessResponderTests
{
    private static readonly JobSecret Secret = JobSecret.Generate();

    [Fact]
    public async Task Asked_ProvesThatThisProcessLives_AndSaysWhatItsLoopDoes()
    {
        var isWaiting = false;
        using var responder = new LivenessResponder(IPAddress.Loopback, Secret, () => isWaiting);

        Assert.Equal(LivenessState.Computing, await AskAsync(responder, Secret));
        isWaiting = true;
        Assert.Equal(LivenessState.WaitingForPeers, await AskAsync(responder, Secret));
    }

    [Fact]
    public async Task NobodyKnowsWhatTheLoopDoes_SaysThatItLives()
    {
        using var responder = new LivenessResponder(IPAddress.Loopback, Secret, isWaitingForPeers: null);
        Assert.Equal(LivenessState.Alive, await AskAsync(responder, Secret));
    }

    [Fact]
    public async Task AnotherSecret_TheAnswerProvesNothing()
    {
        using var responder = new LivenessResponder(IPAddress.Loopback, Secret, null);
        Assert.Null(await AskAsync(responder, JobSecret.Generate()));
    }

    [Fact]
    public async Task TwoProcesses_HaveTwoIdentities()
    {
        using var one = new LivenessResponder(IPAddress.Loopback, Secret, null);
        using var other = new LivenessResponder(IPAddress.Loopback, Secret, null);
        Assert.True(LivenessProtocol.TryParse(one.Address, out var endpoint, out _));
        Assert.True(LivenessProtocol.TryParse(other.Address, out _, out var identity));
        Assert.Null(await AskAsync(LivenessProtocol.Address(endpoint, identity), Secret));
    }

    [Fact]
    public async Task Garbage_HalfAQuestion_AndNothing_AreNotAnswered_AndTheNextOneIs()
    {
        using var responder = new LivenessResponder(IPAddress.Loopback, Secret, null);
        foreach (var bytes in (byte[][])[RandomNumberGenerator.GetBytes(LivenessProtocol.QuestionBytes), [1, 2, 3], [], RandomNumberGenerator.GetBytes(70_000)])
        {
            using var socket = await ConnectAsync(responder.Address);
            await TrySendAsync(socket, bytes);
            Assert.Equal(0, await ReceiveAsync(socket));
        }

        Assert.Equal(LivenessState.Alive, await AskAsync(responder, Secret));
    }

    [Fact]
    public async Task Disposed_NobodyListens()
    {
        var responder = new LivenessResponder(IPAddress.Loopback, Secret, null);
        responder.Dispose();
        var refused = await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(responder.Address));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }

    private static Task<LivenessState?> AskAsync(LivenessResponder responder, JobSecret secret) => AskAsync(responder.Address, secret);

    private static async Task<LivenessState?> AskAsync(string address, JobSecret secret)
    {
        using var socket = await ConnectAsync(address);
        var nonce = RandomNumberGenerator.GetBytes(JobSecret.NonceBytes);
        await socket.SendAsync(LivenessProtocol.Question(nonce));
        var answer = new byte[LivenessProtocol.AnswerBytes];
        for (var received = 0; received < answer.Length;)
        {
            var count = await socket.ReceiveAsync(answer.AsMemory(received)).AsTask().WaitAsync(FakeSilo.Limit);
            if (count == 0) return null;
            received += count;
        }

        Assert.True(LivenessProtocol.TryParse(address, out _, out var identity));
        return LivenessProtocol.Read(secret, identity, nonce, answer);
    }

    private static async Task<Socket> ConnectAsync(string address)
    {
        Assert.True(LivenessProtocol.TryParse(address, out var endpoint, out _));
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(endpoint);
        return socket;
    }

    private static async Task TrySendAsync(Socket socket, byte[] bytes)
    {
        try
        {
            await socket.SendAsync(bytes);
        }
        catch (SocketException)
        {
            // It hung up in the middle of it.
        }
    }

    /// <summary>A reset is an end as well.</summary>
    private static async Task<int> ReceiveAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1]).WaitAsync(FakeSilo.Limit);
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
