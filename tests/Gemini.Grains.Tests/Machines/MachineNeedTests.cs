using Gemini.Grains.Machines;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Machines;

public sealed class MachineNeedTests
{
    private static readonly JobSpec Job = Jobs.Spec(hosts: 3, replicas: 2) with { Standbys = [new("s1")] };

    [Fact]
    public void Of_AllThere_IsNothing() => AssertNeed(Need(["h0", "h1", "h2", "s1"]), 0);

    [Fact]
    public void Of_AHostLost_TheStandbyHasItsPlace_AsksForTheLostOneAsAStandby() =>
        AssertNeed(Need(["h0", "h2", "s1"]), 1, "h1 as a standby");

    [Fact]
    public void Of_TwoLost_OnePlaceVacant_AsksForBoth_TheVacancyFirst() =>
        AssertNeed(Need(["h0", "s1"], vacant: [2], lost: [("h1", 5), ("h2", 9)]), 2, "h2 for position 2", "h1 as a standby");

    [Fact]
    public void Of_AHostOfAnotherNameThere_CountsAsAnyOther() => AssertNeed(Need(["h0", "h1", "h2", "x"]), 0, "s1 as a standby");

    [Fact]
    public void Of_MoreThanWanted_IsNothing() => AssertNeed(Need(["h0", "h1", "h2", "s1", "x"]), 0);

    [Fact]
    public void Of_NewestLossFirst_WhenAnotherNameTookTheOldersPlace() =>
        AssertNeed(Need(["h0", "x", "s1"], vacant: [1], lost: [("h1", 5), ("h2", 9)]), 1, "h2 for position 1", "h1 as a standby");

    private static MachineNeed Need(string[] live, int[]? vacant = null, (string Host, long At)[]? lost = null) => MachineNeed.Of(
        Job,
        live.Select(name => new HostName(name)).ToHashSet(),
        [.. (vacant ?? []).Select(position => new HostPosition(position))],
        host => (lost ?? []).Where(entry => entry.Host == host.Value).Select(entry => (long?)entry.At).FirstOrDefault());

    private static void AssertNeed(MachineNeed need, int count, params string[] missing)
    {
        Assert.Equal(count, need.Count);
        Assert.Equal(missing, need.Missing.Select(machine => $"{machine.Host} {machine.Reason}"));
    }
}
