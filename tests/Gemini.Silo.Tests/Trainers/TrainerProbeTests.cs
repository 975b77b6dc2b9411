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

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TrainerProbe _probe = new(Secret, TimeProvider.System);
    private int _connections;

    public TrainerProbeTests() => _listener.Start();

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
        var address = LivenessProtocol.Address(_listener.LocalEndpoint, "me");
        _listener.Stop();
        Assert.Equal(ProbeAnswer.Refused, await _probe.AskAsync(address));
    }

    /// <summary>A stopped process: the kernel accepts the connection for it, and no answer comes.</summary>
    [Fact]
    public async Task AcceptedAndNeverAnswered_IsSilent() => Assert.Equal(ProbeAnswer.Silent, await AskAsync("me"));

    [Fact]
    public async Task AnotherSecret_IsSilent_AfterThreeTries()
    {
        Serve(question => LivenessProtocol.Answer(JobSecret.Generate(), "me", question, LivenessState.Alive));
        Assert.Equal(ProbeAnswer.Silent, await AskAsync("me"));
        Assert.Equal(3, _connections);
    }

    [Fact]
    public async Task ALaterProcessAtTheSamePort_IsNotTheOneThatWasMeant()
    {
        Serve(question => LivenessProtocol.Answer(Secret, "another", question, LivenessState.Alive));
        Assert.Equal(ProbeAnswer.Silent, await AskAsync("me"));
    }

    [Fact]
    public async Task AnAnswerToAnotherQuestion_IsSilent()
    {
        var recorded = LivenessProtocol.Answer(Secret, "me", LivenessProtocol.Question(Secret, "me", new byte[JobSecret.NonceBytes]), LivenessState.Alive);
        Serve(_ => recorded);
        Assert.Equal(ProbeAnswer.Silent, await AskAsync("me"));
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
        Assert.Equal(ProbeAnswer.Silent, await AskAsync("me"));
    }

    [Fact]
    public async Task CutShort_ThenAnswered_IsTriedAgain()
    {
        Serve(question => _connections == 1 ? [1, 2, 3] : LivenessProtocol.Answer(Secret, "me", question, LivenessState.Alive));
        Assert.Equal(ProbeAnswer.Alive, await AskAsync("me"));
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

    private void Serve(Func<byte[], byte[]?> answer) => _ = Task.Run(async () =>
    {
        while (true)
        {
            using var socket = await _listener.AcceptSocketAsync();
            Interlocked.Increment(ref _connections);
            var question = new byte[LivenessProtocol.QuestionBytes];
            for (var received = 0; received < question.Length;) received += await socket.ReceiveAsync(question.AsMemory(received));
            if (answer(question) is { } bytes) await socket.SendAsync(bytes);
        }
    });
}
