using Gemini.Grains.Scheduling;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Transfer;
using Microsoft.Extensions.Time.Testing;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>What a host learns from the network pages of its trainers. Real pages, fake time.</summary>
public sealed class TrainingNetworkTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly TemporaryFolder _folder = new();
    private readonly TrainingPage _training;

    public TrainingNetworkTests() => _training = new TrainingPage(_time);

    public void Dispose()
    {
        _training.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Look_SaysHowLongTheNetworkIsIdleOrBusy()
    {
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal((true, false, 0, Seconds(3)), Seen());

        _training.BeginUse();
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((true, true, 0, Seconds(2)), Seen());

        _training.EndUse();
        Assert.Equal((true, false, 1, Seconds(0)), Seen());
    }

    [Fact]
    public void Look_HasLearntTheIterationsThatEnded()
    {
        var facts = _training.Network.Look();

        Assert.Equal(TrainingPage.Iteration, facts.Iteration);
        Assert.Equal([new SpanStatistics(TrainingPage.Iteration, TrainingPage.Iteration, Spread: 0, ShortestUse: TimeSpan.Zero)], facts.Spans);
    }

    /// <summary>One slow iteration moves the mean a little.</summary>
    [Fact]
    public void Look_TheMeanFollowsSlowly()
    {
        _time.Advance(TrainingPage.Iteration * 9);
        _training.BeginIteration();

        Assert.Equal(TrainingPage.Iteration * 2, _training.Network.Look().Iteration);
    }

    [Fact]
    public void Look_Interrupted_IsNotTraining()
    {
        _training.Interrupt();
        Assert.False(_training.Network.Look().IsTraining);
        _training.BeginIteration();
        Assert.True(_training.Network.Look().IsTraining);
    }

    [Fact]
    public void Look_SeveralTrainers_TheNetworkIsBusyIfOneUsesIt()
    {
        var other = Path.Combine(_folder.Path, "trainer-1.network");
        using var page = NetworkPage.OpenToWrite(other, 1);
        using var network = new TrainingNetwork([_training.Path, other], 1, TestHost.NewFeedback(new TransferOptions(), _time), _time);
        page.BeginIteration(NetworkPage.Nanoseconds(_time));
        Assert.False(network.Look().IsBusy);

        _time.Advance(TimeSpan.FromSeconds(4));
        page.BeginUse(NetworkPage.Nanoseconds(_time));
        var facts = network.Look();
        Assert.Equal((true, TimeSpan.Zero), (facts.IsBusy, facts.Unchanged));
    }

    /// <summary>A trainer makes its page when it starts, which may be long after the host. The host looks for it once a second.</summary>
    [Fact]
    public void Look_ThePageIsMadeLater_IsFound()
    {
        var path = Path.Combine(_folder.Path, "late.network");
        using var network = new TrainingNetwork([path], 1, TestHost.NewFeedback(new TransferOptions(), _time), _time);
        Assert.False(network.Look().IsTraining);
        using var page = NetworkPage.OpenToWrite(path, 1);
        page.BeginIteration(NetworkPage.Nanoseconds(_time));
        Assert.False(network.Look().IsTraining);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(network.Look().IsTraining);
    }

    [Fact]
    public void Look_NoPage_IsNotTraining()
    {
        var path = Path.Combine(_folder.Path, "no.network");
        File.WriteAllText(path, "something else");
        using var network = new TrainingNetwork([path], 1, TestHost.NewFeedback(new TransferOptions(), _time), _time);
        Assert.False(network.Look().IsTraining);
    }

    [Fact]
    public void Look_Disposed_IsNotTraining()
    {
        _training.Network.Dispose();
        Assert.False(_training.Network.Look().IsTraining);
    }

    private (bool IsTraining, bool IsBusy, int Span, TimeSpan Unchanged) Seen()
    {
        var facts = _training.Network.Look();
        return (facts.IsTraining, facts.IsBusy, facts.Span, facts.Unchanged);
    }

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);
}
