using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

public sealed class LivenessResponderTests
{
    private static readonly JobSecret Secret = JobSecret.Generate();

    /// <summary>Ten times as long as a caller waits for one answer: on a busy machine this process may not run for some time.</summary>
    private static readonly TimeSpan ProbeTryLimit = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Asked_ProvesThatThisProcessLives_AndSaysWhatItsLoopDoes()
    {
        var isWaiting = false;
        using var responder = Start(() => isWaiting);

        Assert.Equal(LivenessState.Computing, await AskAsync(responder, Secret));
        isWaiting = true;
        Assert.Equal(LivenessState.WaitingForPeers, await AskAsync(responder, Secret));
    }

    [Fact]
    public async Task NobodyKnowsWhatTheLoopDoes_SaysThatItLives()
    {
        using var responder = Start();
        Assert.Equal(LivenessState.Alive, await AskAsync(responder, Secret));
    }

    [Fact]
    public async Task AnotherSecret_IsNotAnswered()
    {
        using var responder = Start();
        Assert.Null(await AskAsync(responder, JobSecret.Generate()));
    }

    /// <summary>A stranger that records a question and repeats it learns nothing about the training loop, not even whether it has changed.</summary>
    [Fact]
    public async Task RecordedQuestion_TheAnswersHaveNothingInCommon()
    {
        using var responder = Start(() => true);
        Assert.True(LivenessProtocol.TryParse(responder.Address, out _, out var identity));
        var recorded = LivenessProtocol.Question(Secret, identity, new byte[JobSecret.NonceBytes]);

        var answers = new[] { await ExchangeAsync(responder.Address, recorded), await ExchangeAsync(responder.Address, recorded) };

        Assert.All(answers, answer => Assert.Equal(LivenessProtocol.AnswerBytes, answer.Length));
        Assert.NotEqual(answers[0], answers[1]);
    }

    [Fact]
    public async Task ItsUsersFunctionThrows_SaysThatItLives_AndTellsTheUserOnce()
    {
        var told = new ConcurrentQueue<string>();
        using var responder = new LivenessResponder(
            IPAddress.Loopback, default, Secret, () => throw new InvalidOperationException("mine"), TimeProvider.System, told.Enqueue);

        Assert.Equal(LivenessState.Alive, await AskAsync(responder, Secret));
        Assert.Equal(LivenessState.Alive, await AskAsync(responder, Secret));

        Assert.EndsWith("mine", Assert.Single(told), StringComparison.Ordinal);
    }

    /// <summary>Hundreds of silent connections, before the right one and after it.</summary>
    [Fact]
    public async Task SilentConnections_KeepNobodyWaiting()
    {
        using var responder = Start();
        var strangers = new List<Socket>();
        try
        {
            for (var round = 0; round < 5; round++)
            {
                for (var stranger = 0; stranger < 100; stranger++) strangers.Add(await ConnectAsync(responder.Address));
                using var limit = new CancellationTokenSource(ProbeTryLimit);
                Assert.Equal(LivenessState.Alive, await AskAsync(responder.Address, Secret).WaitAsync(limit.Token));
            }

            // The responder keeps only the newest of the strangers' connections.
            Assert.Equal(0, await ReceiveAsync(strangers[0]));
        }
        finally
        {
            strangers.ForEach(stranger => stranger.Dispose());
        }
    }

    [Fact]
    public async Task SilentConnection_ItsTimeIsOver_IsClosed()
    {
        using var responder = Start();
        using var stranger = await ConnectAsync(responder.Address);
        Assert.Equal(0, await ReceiveAsync(stranger));
    }

    [Fact]
    public async Task TwoProcesses_HaveTwoIdentities()
    {
        using var one = Start();
        using var other = Start();
        Assert.True(LivenessProtocol.TryParse(one.Address, out var endpoint, out _));
        Assert.True(LivenessProtocol.TryParse(other.Address, out _, out var identity));
        Assert.Null(await AskAsync(LivenessProtocol.Address(endpoint, identity), Secret));
    }

    [Fact]
    public async Task Garbage_HalfAQuestion_AndNothing_AreNotAnswered_AndTheNextOneIs()
    {
        using var responder = Start();
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
        var responder = Start();
        responder.Dispose();
        var refused = await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(responder.Address));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }

    private static Task<LivenessState?> AskAsync(LivenessResponder responder, JobSecret secret) => AskAsync(responder.Address, secret);

    private static async Task<LivenessState?> AskAsync(string address, JobSecret secret)
    {
        Assert.True(LivenessProtocol.TryParse(address, out _, out var identity));
        var nonce = RandomNumberGenerator.GetBytes(JobSecret.NonceBytes);
        var answer = await ExchangeAsync(address, LivenessProtocol.Question(secret, identity, nonce));
        return LivenessProtocol.Read(secret, identity, nonce, answer);
    }

    /// <summary>All bytes of the answer until the connection ends.</summary>
    private static async Task<byte[]> ExchangeAsync(string address, byte[] question)
    {
        using var socket = await ConnectAsync(address);
        await socket.SendAsync(question);
        var answer = new byte[LivenessProtocol.AnswerBytes + 1];
        for (var received = 0; ;)
        {
            var count = await socket.ReceiveAsync(answer.AsMemory(received)).AsTask().WaitAsync(FakeSilo.Limit);
            if (count == 0) return answer[..received];
            received += count;
        }
    }

    private static LivenessResponder Start(Func<bool>? isWaitingForPeers = null) =>
        new(IPAddress.Loopback, default, Secret, isWaitingForPeers, TimeProvider.System, line => Assert.Fail(line));

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
            // The responder closed the connection in the middle of the question.
        }
    }

    /// <summary>A reset also counts as the end.</summary>
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
