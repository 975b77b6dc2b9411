using Gemini.Grains.Recovery;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

public sealed class JobAdmissionTests
{
    private readonly Parts _new = new(hosts: 2, record: _ => new RootRecord());

    [Fact]
    public void Observe_AnotherSpecification_IsRefusedByARecord_AndKeptAsideWithoutOne()
    {
        var known = new Parts(hosts: 2);
        var other = known.Job with { Replicas = 1 };
        var report = known.Report("h0") with { SpecFingerprint = other.Fingerprint(), Spec = other };

        var error = Assert.Throws<JobMismatchException>(() => new JobAdmission(known.State, known.Roster).Observe(report, now: 0));
        Assert.Contains("job.replicas", error.Message);
        var admission = new JobAdmission(_new.State, _new.Roster);
        Assert.False(admission.Observe(report, now: 0));
        Assert.Contains("the configuration of h0 differs", admission.Describe());

        admission.ObserveDead(new MemberView(new HostName("h0"), 1, Dead: true));

        Assert.Equal("", admission.Describe());
    }

    /// <summary>Without a record most hosts may be right, and the root agent's own host may be the odd one.</summary>
    [Fact]
    public void Evaluate_TheOthersAgree_TheRootAgentIsOdd_AndTheirSpecificationIsWritten()
    {
        var admission = new JobAdmission(_new.State, _new.Roster);
        var other = _new.Job with { Replicas = 1 };
        void Report(string host, long now) => admission.Observe(
            _new.Report(host) with { SpecFingerprint = other.Fingerprint(), Spec = other, Sequence = 1 }, now);

        Report("h0", now: 0);
        Report("h1", now: 3000);
        admission.Evaluate(isPatient: true, now: 3000);
        Assert.False(admission.IsOdd);
        Report("h0", now: 3000);
        admission.Evaluate(isPatient: true, now: 3000);

        Assert.True(admission.IsOdd);
        Assert.Equal(1, _new.State.Record.Spec!.Replicas);
    }

    [Theory]
    [InlineData(2999, true)]
    [InlineData(3000, false)]
    public void Observe_LaterProcessAtAnotherAddress_IsRefusedWhileTheEarlierOneReports(long now, bool isRefused)
    {
        var parts = new Parts(hosts: 2);
        var report = parts.Report("h0", now: 0);
        var admission = new JobAdmission(parts.State, parts.Roster);
        bool Second() => admission.Observe(report with { Incarnation = 2, DataEndpoint = "elsewhere:1" }, now);

        if (isRefused) Assert.False(Assert.Throws<HostNameTakenException>(() => Second()).IsDisplaced);
        else Assert.True(Second());
    }
}
