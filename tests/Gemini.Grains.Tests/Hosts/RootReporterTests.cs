using Gemini.Grains.Hosts;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosts;

/// <summary>A host reports at once when something has changed, and at least once a second.</summary>
public sealed class RootReporterTests : IDisposable
{
    private readonly HostBench _host = new();
    private readonly RootReporter _reporter;
    private readonly Signal _changed;
    private readonly List<HostDirective> _taken = [];
    private HostLoopEnd? _end;

    public RootReporterTests()
    {
        _reporter = new RootReporter(_host.ControlPlane, _host.Time);
        _changed = new Signal(_host.Time);
    }

    private IEnumerable<long> Times => _host.ControlPlane.Reports.Select(report => report.At);

    public void Dispose() => _host.Dispose();

    [Fact]
    public void NothingChanges_ReportsAtOnceAndThenEverySecond()
    {
        Start();
        _host.RunFor(3_500);

        Assert.Equal([0, 1_000, 2_000, 3_000], Times);
        Assert.Equal(4, _taken.Count);
    }

    [Fact]
    public void SomethingChanges_ReportsAtOnce_AndTheSecondBeginsAnew()
    {
        Start();
        _host.RunFor(300);
        _host.Run(_changed.Set);
        _host.RunFor(1_200);

        Assert.Equal([0, 300, 1_300], Times);
    }

    /// <summary>Changes that come while a report is under way are in the next report, however many there are.</summary>
    [Fact]
    public void ChangesWhileAReportIsUnderWay_AreOneReport_RightAfterIt()
    {
        var answer = new TaskCompletionSource<HostDirective>();
        _host.ControlPlane.Answer = _ => answer.Task;
        Start();
        _host.Run(_changed.Set);
        _host.Run(_changed.Set, milliseconds: 400);
        Assert.Equal([0], Times);

        _host.ControlPlane.Answer = _ => Task.FromResult(new HostDirective { Version = default });
        _host.Run(() => answer.SetResult(new HostDirective { Version = default }));

        Assert.Equal([0, 400], Times);
    }

    [Fact]
    public void TheRootAgentDoesNotAnswer_IsAskedAgainAfterAShortPause()
    {
        _host.ControlPlane.Answer = _ => Task.FromException<HostDirective>(new TimeoutException("no answer"));
        Start();
        _host.RunFor(120);

        Assert.Equal([0, 50, 100], Times);
        Assert.Empty(_taken);
    }

    /// <summary>A newer silo process has the name now, so this one cannot get it back.</summary>
    [Fact]
    public void AnotherProcessHasReplacedThisOne_IsFinal()
    {
        _host.ControlPlane.Answer = _ => Task.FromException<HostDirective>(new HostNameTakenException("h0 is at 10.0.0.9", isDisplaced: true));

        Start();

        Assert.Equal(new HostLoopEnd("h0 is at 10.0.0.9", IsRefusal: true), _end);
    }

    /// <summary>If an older process of this host has the name and ended silently, the cluster frees the name within ten seconds.</summary>
    [Fact]
    public void AnOlderProcessHasTheName_IsWaitedFor_TenSeconds()
    {
        _host.ControlPlane.Answer = _ => Task.FromException<HostDirective>(new HostNameTakenException("h0 is at 10.0.0.9", isDisplaced: false));
        Start();
        _host.RunFor(9_999);
        Assert.Null(_end);

        _host.RunFor(1);

        Assert.Equal(new HostLoopEnd("h0 is at 10.0.0.9", IsRefusal: true), _end);
    }

    [Fact]
    public void TheNameWasFreeMeanwhile_TheTenSecondsBeginAnew()
    {
        var isTaken = true;
        _host.ControlPlane.Answer = _ => isTaken
            ? Task.FromException<HostDirective>(new HostNameTakenException("h0 is at 10.0.0.9", isDisplaced: false))
            : Task.FromResult(new HostDirective { Version = default });
        Start();
        _host.RunFor(9_000);
        isTaken = false;
        _host.RunFor(100);
        isTaken = true;
        _host.RunFor(10_000);
        Assert.Null(_end);

        _host.RunFor(1_000);

        Assert.NotNull(_end);
    }

    private void Start()
    {
        var loop = new HostLoop("Reporting", ct => _reporter.ReportAsync(Report, _taken.Add, _changed, ct)) { Pause = RootReporter.RetryDelay };
        _host.Run(async () => _end = await HostLoop.RunAsync([loop], _host.Time, _host.Log, _host.Stopping));
    }

    private HostReport Report() => new() { Host = Jobs.Host(0), Incarnation = 1, Sequence = 1, SpecFingerprint = "", DataEndpoint = "" };
}
