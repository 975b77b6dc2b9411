using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Lab.Demo;
using Microsoft.Extensions.Time.Testing;

namespace Gemini.Silo.Tests.Lab.Demo;

public sealed class ProgressWatchdogTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Observe_NoAnswer_GivesUpAndSaysWhatItWaitedFor()
    {
        var watchdog = new ProgressWatchdog(_clock);
        _clock.Advance(TimeSpan.FromSeconds(60));
        watchdog.Observe(null);
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Contains("the first host to answer", Assert.Throws<LabException>(() => watchdog.Observe(null)).Message);
    }

    [Fact]
    public void Observe_ProgressNowAndThen_NeverGivesUp()
    {
        var watchdog = new ProgressWatchdog(_clock);
        for (var iteration = 0; iteration < 10; iteration++)
        {
            _clock.Advance(TimeSpan.FromSeconds(50));
            watchdog.Observe(Statuses.Create(iteration));
        }
    }

    [Fact]
    public void Observe_Stuck_NamesThePhase()
    {
        var watchdog = new ProgressWatchdog(_clock);
        watchdog.Observe(Statuses.Create(3, JobPhase.Replacing));
        _clock.Advance(TimeSpan.FromSeconds(61));

        var error = Assert.Throws<LabException>(() => watchdog.Observe(Statuses.Create(3, JobPhase.Replacing)));

        Assert.Contains("replacing: as planned", error.Message);
    }

    [Fact]
    public void Observe_SlowModel_HasMorePatience()
    {
        var watchdog = new ProgressWatchdog(_clock);
        var status = Statuses.Create(3) with { IterationMillisecondsMedian = 10_000 };
        watchdog.Observe(status);
        _clock.Advance(TimeSpan.FromSeconds(190));
        watchdog.Observe(status);
    }

    [Fact]
    public void Observe_ProblemThatStays_IsTheReason()
    {
        var watchdog = new ProgressWatchdog(_clock);
        var status = Statuses.Create(0, JobPhase.Forming, Statuses.Host("host-0", 0, problem: "trainer ends at start"));
        watchdog.Observe(status);
        _clock.Advance(TimeSpan.FromSeconds(16));

        Assert.Equal("host-0: trainer ends at start", Assert.Throws<LabException>(() => watchdog.Observe(status)).Message);
    }
}
