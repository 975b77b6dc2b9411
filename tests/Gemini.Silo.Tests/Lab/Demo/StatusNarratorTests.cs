using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Demo;

namespace Gemini.Silo.Tests.Lab.Demo;

public sealed class StatusNarratorTests
{
    [Fact]
    public void Observe_SameStatusTwice_SaysNothingNew()
    {
        var narrator = new StatusNarrator();

        var first = narrator.Observe(Statuses.Create(3)).ToArray();

        Assert.Contains("running: as planned", first);
        Assert.Contains("host-0: silo pid 100, trainer pid 200", first);
        Assert.Contains("host-4: silo pid 100", first);
        Assert.Empty(narrator.Observe(Statuses.Create(4)));
    }

    [Fact]
    public void Observe_Recovery_IsToldWhenItHasEnded()
    {
        var narrator = new StatusNarrator();
        _ = narrator.Observe(Statuses.Create(3)).Count();

        Assert.Empty(narrator.Observe(Statuses.Create(3) with { Recoveries = [Statuses.Recovery(2, "host-1", 100, resumed: false)] }));
        var line = Assert.Single(narrator.Observe(Statuses.Create(3) with { Recoveries = [Statuses.Recovery(2, "host-1", 100)] }));

        Assert.Equal(
            "recovered from the software failure of host-1 in 15 ms (detect 0, decide 1, replace 2, fetch 3, load 4, resume 5), from iteration 11, source local", line);
    }

    [Fact]
    public void Observe_Problem_IsToldOnce()
    {
        var narrator = new StatusNarrator();
        var status = Statuses.Create(0, JobPhase.Forming, Statuses.Host("host-0", 0, problem: "the trainer ended; see the log"));

        Assert.Contains("host-0: the trainer ended; see the log", narrator.Observe(status));
        Assert.Empty(narrator.Observe(status));
    }
}
