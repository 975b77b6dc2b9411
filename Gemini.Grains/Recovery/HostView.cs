using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>What the coordinator knows of one host: its newest report, and whether the silo process that sent it still lives.</summary>
internal sealed class HostView(HostReport report, long now)
{
    public HostReport Report { get; private set; } = report;

    /// <summary>When the host last reported, Unix milliseconds. If it never reported: when its silo was found dead.</summary>
    public long ReportedAt { get; private set; } = now;

    /// <summary>When the silo process was first seen dead, Unix milliseconds; null while it lives.</summary>
    public long? LostAt { get; private set; }

    /// <summary>
    /// Since when a trainer of the host has been reported as interrupted (it lost a peer), by the root agent's own clock; null while none is.
    /// </summary>
    public long? InterruptedAt { get; private set; }

    /// <summary>When the host first reported that it was told to stop, by the root agent's own clock; null while it was not.</summary>
    public long? LeavingSince { get; private set; } = report.IsLeaving ? now : null;

    public bool IsPresent => LostAt is null;

    /// <summary>The whole host failed, not only its silo, so nobody waits for its memory. False again when a later silo process reports.</summary>
    public bool IsGivenUp { get; private set; }

    /// <summary>A host whose silo was already dead when the root agent came up.</summary>
    public static HostView OfDead(MemberView member, long now)
    {
        var report = new HostReport { Host = member.Host, Incarnation = member.Incarnation, Sequence = 0, SpecFingerprint = "", DataEndpoint = "" };
        return new HostView(report, now) { LostAt = now };
    }

    /// <summary>Takes in a report, unless it is older than the newest known report.</summary>
    public void Observe(HostReport report, long now)
    {
        if (report.Incarnation < Report.Incarnation) return;
        if (report.Incarnation > Report.Incarnation)
        {
            (LostAt, IsGivenUp) = (null, false);
        }
        else if (report.Sequence <= Report.Sequence)
        {
            return;
        }

        Report = report;
        ReportedAt = now;
        var interrupted = report.Trainers.Any(trainer => trainer.State == TrainerState.Interrupted);
        LeavingSince = report.IsLeaving ? LeavingSince ?? now : null;
        InterruptedAt = interrupted ? InterruptedAt ?? now : null;
    }

    public void GiveUp()
    {
        Invariant.Check(!IsPresent, $"host {Report.Host} is declared failed although its silo is alive");
        IsGivenUp = true;
    }

    public void ObserveDead(long incarnation, long now)
    {
        if (incarnation >= Report.Incarnation) LostAt ??= now;
    }
}
