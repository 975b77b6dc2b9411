using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>
/// A job whose record has epoch 1 and host i at position i, and the state that the parts of the coordinator share. No host has reported yet.
/// </summary>
internal sealed class Parts
{
    private readonly Dictionary<HostName, HostReport> _reports = [];

    public Parts(int hosts = 4, Func<JobSpec, JobSpec>? configure = null, Func<RootRecord, RootRecord>? record = null, CoordinatorOptions? options = null)
    {
        var job = Jobs.Spec(hosts, replicas: 2);
        Job = configure is null ? job : configure(job);
        var recorded = new RootRecord
        {
            Epoch = new Epoch(1),
            Spec = Job,
            Assignment = [.. Job.Hosts.Select(host => (HostName?)host)],
            ShardBytes = [.. Enumerable.Repeat(1000L, Job.WorldSize)],
        };
        State = new JobState(Job, record is null ? recorded : record(recorded), options ?? new CoordinatorOptions(), startedAt: 0);
        Roster = new HostRoster(State);
        Domains = new JobDomains(State, Roster);
        Commits = new JobCommits(State, Roster);
        Progress = new JobProgress(State, Roster, Commits);
    }

    public JobSpec Job { get; }

    public JobState State { get; }

    public HostRoster Roster { get; }

    public JobDomains Domains { get; }

    public JobCommits Commits { get; }

    public JobProgress Progress { get; }

    /// <summary>The record's epoch reaches this step, and the job enters this phase.</summary>
    public Parts At(DirectiveStep step, JobPhase phase)
    {
        State.Version = new DirectiveVersion(State.Record.Epoch, step);
        State.Enter(phase, "");
        return this;
    }

    /// <summary>A host reports that it has carried out the newest directive, with these changes.</summary>
    public HostReport Report(string host, Func<HostReport, HostReport>? change = null, long now = 0)
    {
        var name = new HostName(host);
        var next = _reports.TryGetValue(name, out var before) ? before with { Sequence = before.Sequence + 1 } : new HostReport
        {
            Host = name,
            Incarnation = 1,
            Sequence = 1,
            SpecFingerprint = Job.Fingerprint(),
            DataEndpoint = $"{host}:1",
            Trainers = [.. Enumerable.Range(0, Job.RanksPerHost).Select(index => new TrainerReport { LocalIndex = index, State = TrainerState.Waiting })],
        };
        next = next with { Done = State.Version };
        _reports[name] = next = change is null ? next : change(next);
        Roster.Observe(next, now);
        return next;
    }

    /// <summary>Every host of the job reports.</summary>
    public Parts ReportAll(Func<HostReport, HostReport>? change = null, long now = 0)
    {
        foreach (var host in Job.Hosts) Report(host.Value, change, now);
        return this;
    }

    /// <summary>All ranks train in the record's epoch, and have finished and captured this iteration.</summary>
    public Parts Train(long iteration, long now = 0) => ReportAll(
        report => report with { Trainers = [.. report.Trainers.Select(trainer => Training(trainer, iteration))] }, now);

    public TrainerReport Training(TrainerReport trainer, long iteration) => trainer with
    {
        State = TrainerState.Training,
        Epoch = State.Record.Epoch,
        Iteration = new Iteration(iteration),
        Captured = new Iteration(iteration),
        IterationMilliseconds = 100,
    };

    /// <summary>The silo processes of these hosts die.</summary>
    public void Lose(long now, params string[] hosts) => Roster.Observe([.. hosts.Select(host => new MemberView(new HostName(host), 1, Dead: true))], now);
}
