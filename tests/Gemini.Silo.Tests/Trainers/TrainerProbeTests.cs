using System.Net;
using System.Net.Sockets;
using Gemini.Grains.Health;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Trainers;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>The side that asks, against a listener whose answers each test sets.</summary>
public sealed class TrainerProbeTests : IDisposable
{
    private static readonly JobSecret Secret = JobSecret.Generate();

    private readonly HeldTimers _time = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TrainerProbe _probe;
    private int _connections;
    private int _ended;

    public TrainerProbeTests()
    {
        _listener.Start();
        _probe = new TrainerProbe(Secret, _time);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _listener.Dispose();

    [Theory]
    [InlineData(LivenessState.Alive, ProbeAnswer.Alive)]
    [InlineData(LivenessState.Computing, ProbeAnswer.Computing)]
    [InlineData(LivenessState.WaitingForPeers, ProbeAnswer.WaitingForPeers)]
    public async Task Answered_SaysWhatTheTrainerDoes(LivenessState state, ProbeAnswer expected)
    {
        Serve(question => LivenessProtocol.Answer(Secret, "me", question, state));
        Assert.Equal(expected, await AskAsync("me"));
        Assert.Equal(1, _connections);
    }

    [Fact]
    public async Task NobodyListens_IsRefused()
    {
        using var port = TestPorts.Refusing();
        Assert.Equal(ProbeAnswer.Refused, await _probe.AskAsync(LivenessProtocol.Address(port.LocalEndPoint!, "me")));
    }

    /// <summary>A stopped process: the kernel accepts the connection for it, and no answer comes.</summary>
    [Fact]
    public async Task AcceptedAndNeverAnswered_IsSilent_AfterThreeTries()
    {
        var asked = AskAsync("me");
        for (var tries = 0; tries < 3; tries++)
        {
            using var socket = await _listener.AcceptSocketAsync(Token);
            await _time.FireAsync(TrainerProbe.TryLimit);
        }

        Assert.Equal(ProbeAnswer.Silent, await asked);
    }

    [Fact]
    public async Task AnotherSecret_IsSilent_AfterThreeTries()
    {
        Serve(question => LivenessProtocol.Answer(JobSecret.Generate(), "me", question, LivenessState.Alive));
        Assert.Equal(ProbeAnswer.Silent, await AskInVainAsync("me", tries: 3));
        Assert.Equal(3, _connections);
    }

    [Fact]
    public async Task ALaterProcessAtTheSamePort_IsNotTheOneThatWasMeant()
    {
        Serve(question => LivenessProtocol.Answer(Secret, "another", question, LivenessState.Alive));
        Assert.Equal(ProbeAnswer.Silent, await AskInVainAsync("me", tries: 3));
    }

    [Fact]
    public async Task AnAnswerToAnotherQuestion_IsSilent()
    {
        var recorded = LivenessProtocol.Answer(Secret, "me", LivenessProtocol.Question(Secret, "me", new byte[JobSecret.NonceBytes]), LivenessState.Alive);
        Serve(_ => recorded);
        Assert.Equal(ProbeAnswer.Silent, await AskInVainAsync("me", tries: 3));
    }

    [Fact]
    public async Task AChangedAnswer_IsSilent()
    {
        Serve(question =>
        {
            var answer = LivenessProtocol.Answer(Secret, "me", question, LivenessState.Computing)!;
            answer[_connections % answer.Length] ^= 1;
            return answer;
        });
        Assert.Equal(ProbeAnswer.Silent, await AskInVainAsync("me", tries: 3));
    }

    [Fact]
    public async Task CutShort_ThenAnswered_IsTriedAgain()
    {
        Serve(question => _connections == 1 ? [1, 2, 3] : LivenessProtocol.Answer(Secret, "me", question, LivenessState.Alive));
        Assert.Equal(ProbeAnswer.Alive, await AskInVainAsync("me", tries: 1));
        Assert.Equal(2, _connections);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("127.0.0.1:80")]
    [InlineData("127.0.0.1:80/")]
    [InlineData("/me")]
    [InlineData("localhost:80/me")]
    [InlineData("127.0.0.1/me")]
    public async Task NoAddress_IsSilent(string address) => Assert.Equal(ProbeAnswer.Silent, await _probe.AskAsync(address));

    private Task<ProbeAnswer> AskAsync(string identity) =>
        _probe.AskAsync(LivenessProtocol.Address(_listener.LocalEndpoint, identity)).WaitAsync(Wait.Limit);

    /// <summary>These tries end without an answer from the trainer. Each one's time passes only after that.</summary>
    private async Task<ProbeAnswer> AskInVainAsync(string identity, int tries)
    {
        var asked = AskAsync(identity);
        for (var ended = 1; ended <= tries; ended++)
        {
            await Wait.UntilAsync(() => Volatile.Read(ref _ended) == ended, $"the end of connection {ended}");
            await _time.FireAsync(TrainerProbe.TryLimit);
        }

        return await asked;
    }

    private void Serve(Func<byte[], byte[]?> answer) => _ = Task.Run(async () =>
    {
        while (true)
        {
            using var socket = await _listener.AcceptSocketAsync();
            Interlocked.Increment(ref _connections);
            var question = new byte[LivenessProtocol.QuestionBytes];
            var received = 0;
            while (received < question.Length && await socket.ReceiveAsync(question.AsMemory(received)) is > 0 and var count) received += count;
            if (received == question.Length && answer(question) is { } bytes) await socket.SendAsync(bytes);
            socket.Shutdown(SocketShutdown.Send);
            // The side that asks has read the answer, and closes.
            await socket.ReceiveAsync(new byte[1]);
            Interlocked.Increment(ref _ended);
        }
    });
}
