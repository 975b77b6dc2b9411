using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Transfer;
using Microsoft.Extensions.Time.Testing;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>The network page of a trainer, in a folder of its own. Its third iteration runs, and the network is idle.</summary>
internal sealed class TrainingPage : IDisposable
{
    /// <summary>How long the iterations before were. The network was idle all the time.</summary>
    public static readonly TimeSpan Iteration = TimeSpan.FromMinutes(10);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time;
    private readonly NetworkPage _page;

    public TrainingPage(FakeTimeProvider time)
    {
        _time = time;
        _page = NetworkPage.OpenToWrite(Path, Now);
        Feedback = TestHost.NewFeedback(new TransferOptions(), time);
        Network = new TrainingNetwork([Path], profileIterations: 1, Feedback, time);
        Assert.False(Network.Look().IsTraining);
        for (var iteration = 0; iteration < 3; iteration++)
        {
            _time.Advance(Iteration);
            BeginIteration();
        }
    }

    public string Path => System.IO.Path.Combine(_folder.Path, "trainer-0.network");

    /// <summary>What its iterations say about the cost of replicas.</summary>
    public TrafficFeedback Feedback { get; }

    /// <summary>What the host knows of it.</summary>
    public TrainingNetwork Network { get; }

    private long Now => NetworkPage.Nanoseconds(_time);

    public TrafficGate Gate(TransferOptions options, CheckpointMode mode = CheckpointMode.Gemini) =>
        new(CheckpointPolicy.Of(mode), Network, Feedback, options, _time);

    public void BeginIteration() => _page.BeginIteration(Now);

    public void BeginUse() => _page.BeginUse(Now);

    public void EndUse() => _page.EndUse(Now);

    public void Interrupt() => _page.Interrupt();

    public void Dispose()
    {
        Network.Dispose();
        _page.Dispose();
        _folder.Dispose();
    }
}
