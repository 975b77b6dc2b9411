using System.Collections.Immutable;
using Gemini.Interfaces.Drills;
using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Matrix;

/// <summary>Runs one case of the kill matrix on a cluster where everything is in order, and waits until everything is in order again.</summary>
internal sealed class DrillRunner(DrillCluster cluster, DrillShape shape, TimeProvider clock, Random random)
{
    /// <summary>The limit for a new cluster, in which fifteen processes come up at the same time.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(180);

    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(90);

    /// <summary>A recovery reaches its last moment within seconds; training reaches each of its own moments in every iteration.</summary>
    private static readonly TimeSpan MomentLimit = TimeSpan.FromSeconds(30);

    /// <summary>Commits to wait for after the kill. Each is compared with the uninterrupted run.</summary>
    private const int CommitsAfter = 2;

    /// <summary>Throws only if it is cancelled. Any other problem is in the result, and the cluster is then unusable.</summary>
    public async Task<DrillResult> RunAsync(DrillCase drill, CancellationToken ct)
    {
        var started = clock.GetTimestamp();
        var run = new CaseRun(drill);
        try
        {
            await DoAsync(run, ct);
        }
        catch (LabException failure)
        {
            run.Problem = failure.Message;
        }

        var plan = run.Plan;
        return new DrillResult(
            shape.ToString(), DrillNames.Of(drill.Target), DrillNames.Of(drill.Time), drill.WithStorage, run.IsPassed,
            plan is null ? "" : DrillNames.Of(plan.Expected), plan is null ? "" : Describe(plan), run.Before?.Committed.Value ?? 0,
            run.Recovery?.ResumedIteration.Value, run.Recovery?.Source.ToString().ToLowerInvariant() ?? "",
            run.Recovery is { } recovery ? recovery.ResumedAt - run.KilledAt : null, run.Compared, (long)clock.GetElapsedTime(started).TotalMilliseconds,
            run.Problem);
    }

    private async Task DoAsync(CaseRun run, CancellationToken ct)
    {
        await cluster.StartAsync(ct);
        var status = await cluster.ReadyAsync(StartLimit, ct);
        var scene = DrillScene.Of(status)!;
        var plan = run.Plan = DrillPlanner.Plan(run.Case, scene, random);
        var barrier = Arm(run.Case.Time, plan, scene, status);
        try
        {
            if (barrier is not null) await barrier.Armed.WaitAsync(MomentLimit, clock, ct);
            if (plan.First is { } first) cluster.Kill(first.Kind, [first.Host], status);
            if (barrier is not null) await ReachedAsync(barrier, ct);
            run.Before = cluster.View.Latest!;
            run.KilledAt = cluster.Now;
            if (run.Case.Target == DrillTarget.Redis) await cluster.KillRedisAsync();
            else cluster.Kill(plan.Kind, plan.Victims, run.Before);
            if (run.Case.Time == DrillTime.Resume && plan.Kind == KillTarget.Trainer) await ReplacedAsync(plan.Victims, run.Before, ct);
        }
        finally
        {
            barrier?.Release();
        }

        if (run.Case.Target == DrillTarget.Redis) await cluster.RestartRedisAsync(ct);
        if (plan.Expected == DrillEnding.Refusal) await CheckRefusalAsync(run, ct);
        else await CheckEndAsync(run, status.Epoch, ct);
    }

    /// <summary>Arms the barrier on the victims if they pass through this moment; otherwise on every host.</summary>
    private DrillBarrier? Arm(DrillTime time, DrillPlan plan, DrillScene scene, JobStatus status)
    {
        if (time == DrillTime.Between) return null;
        var moment = Enum.Parse<Moment>(time.ToString());
        var ofVictims = moment is Moment.Capture or Moment.Replication or Moment.Seal or Moment.Load
            && plan.Victims.Any(victim => scene.PositionOf(victim) is not null);
        var from = moment is Moment.Decide or Moment.Replace or Moment.Fetch or Moment.Resume ? status.Epoch.Value + 1 : 0;
        return cluster.Controller.Arm(moment, from, host => !ofVictims || plan.Victims.Contains(new HostName(host)));
    }

    /// <summary>
    /// Waits until another trainer waits in the place of each killed one. No trainer has been told to resume yet, and the root agent is about to name
    /// the killed one to its peers.
    /// </summary>
    private async Task ReplacedAsync(ImmutableArray<HostName> hosts, JobStatus before, CancellationToken ct)
    {
        var old = TrainersOf(before).Select(trainer => trainer.ProcessId).ToHashSet();
        await cluster.View.WaitAsync(
            status => TrainersOf(status).All(trainer => trainer.State == TrainerState.Waiting && !old.Contains(trainer.ProcessId)),
            MomentLimit, "another trainer waits in the place of the one that was killed", ct);

        IEnumerable<TrainerReport> TrainersOf(JobStatus status) =>
            status.Hosts.Where(host => hosts.Contains(host.Report.Host)).SelectMany(host => host.Report.Trainers);
    }

    private async Task ReachedAsync(DrillBarrier barrier, CancellationToken ct)
    {
        try
        {
            await barrier.Reached.WaitAsync(MomentLimit, clock, ct);
        }
        catch (TimeoutException)
        {
            throw new LabException($"no process reached the moment within {MomentLimit.TotalSeconds:0} s; {cluster.View.Standing()}");
        }
    }

    private async Task CheckEndAsync(CaseRun run, Epoch epochBefore, CancellationToken ct)
    {
        var isUndisturbed = run.Plan!.Expected == DrillEnding.Undisturbed;
        var goal = run.Plan.Expected == DrillEnding.Storage ? 0 : run.Before!.Committed.Value;
        bool HasRecovered(JobStatus status) =>
            EndOf(run, status) is { } end && status.Committed.Value >= end.ResumedIteration.Value + CommitsAfter;
        bool IsOver(JobStatus status) =>
            status.Phase == JobPhase.Running && (isUndisturbed ? status.Committed.Value >= goal + CommitsAfter : HasRecovered(status));
        await cluster.View.WaitAsync(IsOver, ReadyLimit, "the job continues to train", ct);
        var status = await cluster.ReadyAsync(ReadyLimit, ct);
        run.Recovery = EndOf(run, status);
        var commits = await cluster.CompareAsync(ct);
        run.Compared = commits.Count(commit => commit.Epoch == status.Epoch && commit.Committed.Value > (run.Recovery?.ResumedIteration.Value ?? goal));
        run.Problem = Judge(run, status, epochBefore);
    }

    /// <summary>The last recovery that ended after the kill.</summary>
    private static RecoveryTimeline? EndOf(CaseRun run, JobStatus status) =>
        status.Recoveries.LastOrDefault(recovery => recovery.ResumedAt > run.KilledAt);

    /// <summary>"" if everything is as it has to be.</summary>
    private static string Judge(CaseRun run, JobStatus status, Epoch epochBefore)
    {
        var (expected, before) = (run.Plan!.Expected, run.Before!);
        if (expected == DrillEnding.Undisturbed)
            return status.Epoch == epochBefore ? Enough(run) : $"epoch {status.Epoch} instead of {epochBefore}: {run.Recovery?.Reason}";
        if (run.Recovery is not { } recovery) return "no recovery was recorded";
        var wasStorage = recovery.Source == CopySource.Storage;
        if (recovery.Source == CopySource.None) return "the job started from the beginning";
        // A recovery makes copies before it ends, on a standby or a guest. The copies that it had made before the kill may be enough.
        var mayBeMemory = expected == DrillEnding.Memory || run.Case.IsInRecovery;
        if (wasStorage ? expected != DrillEnding.Storage : !mayBeMemory) return $"resumed from {recovery.Source}: {recovery.Reason}";
        var least = wasStorage ? before.Persisted : before.Committed;
        return recovery.ResumedIteration >= least ? Enough(run) : $"resumed from iteration {recovery.ResumedIteration}, although {least} was safe";
    }

    private static string Enough(CaseRun run) => run.Compared > 0 ? "" : "no commit after the kill was seen";

    private async Task CheckRefusalAsync(CaseRun run, CancellationToken ct)
    {
        var status = await cluster.View.WaitAsync(status => status.Phase == JobPhase.Failed, ReadyLimit, "the job says what is missing", ct);
        run.IsRefused = IsRightRefusal(status, run.Plan!.Lost);
        run.Problem = run.IsRefused ? status.Reason : $"it should say that rank {string.Join(", ", run.Plan.Lost)} is missing, but says: {status.Reason}";
    }

    /// <summary>Whether the job still knows of a commit and says that exactly these ranks are missing.</summary>
    internal static bool IsRightRefusal(JobStatus status, ImmutableArray<Rank> lost) =>
        status.Committed > Iteration.Zero && status.Missing is { } missing && missing.Ranks.SequenceEqual(lost);

    private static string Describe(DrillPlan plan) =>
        (plan.First is { } first ? $"[{first.Kind.ToString().ToLowerInvariant()} {first.Host}] " : "") + string.Join(' ', plan.Victims);

    private sealed class CaseRun(DrillCase drill)
    {
        public DrillCase Case => drill;

        public DrillPlan? Plan { get; set; }

        /// <summary>The status right before the kill.</summary>
        public JobStatus? Before { get; set; }

        public long KilledAt { get; set; }

        public RecoveryTimeline? Recovery { get; set; }

        public int Compared { get; set; }

        public string Problem { get; set; } = "";

        public bool IsRefused { get; set; }

        public bool IsPassed => Problem.Length == 0 || IsRefused;
    }
}
