using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

// The end of a job: its last snapshot goes to storage, also when all hosts are told to stop. A finished job continues if its trainers ask for more.
public sealed partial class JobCoordinator
{
    /// <summary>
    /// A host that was told that the job is finished reports this. If no host reports it, all hosts were started again. Then the job starts again
    /// from its last snapshot, and the training program itself finds out whether iterations are left.
    /// </summary>
    private bool IsKnownToBeCompleted() => _roster.Assigned().Any(host => host.IsPresent && host.Report.Done == _state.Complete);

    /// <summary>Every trainer has finished.</summary>
    private void EvaluateFinished()
    {
        if (_storage is { Exists: true, HasCommitted: false })
        {
            _state.Enter(JobPhase.Persisting, $"the last iteration is finished; {_storage.DescribeCommitted()}");
            return;
        }

        Record = Record with { Committed = _commits.Committed };
        _state.Version = _state.Complete;
        _state.Enter(JobPhase.Completed, DescribeCompleted());
    }

    /// <summary>Every host of the job was told to stop: the job halts once more, to bring its newest snapshot to storage.</summary>
    private void BeginStop(long now)
    {
        var recoveries = Record.Recoveries;
        BeginEpoch("every host of the job was told to stop", failure: null, now);
        // This is no recovery, and its time line would stay open until the next start. So the time line is removed.
        Record = Record with { Recoveries = recoveries };
    }

    private void EvaluateStopped() =>
        _state.Enter(JobPhase.Persisting, $"every host was told to stop; {_storage.DescribeCommitted()}");

    /// <summary>Trainers of hosts that were started again may mean to run more iterations. If all trainers do, the job continues.</summary>
    private void EvaluateCompleted(long now)
    {
        var trainers = _roster.Trainers();
        var asking = trainers.Count(AsksForMore);
        if (asking == trainers.Length)
        {
            var total = trainers.Min(trainer => trainer!.TotalIterations);
            BeginEpoch($"the job is finished at iteration {_commits.Committed}, and its trainers mean to run {total}", failure: null, now);
        }
        else
        {
            _state.Enter(JobPhase.Completed, DescribeCompleted());
        }
    }

    private bool AsksForMore(TrainerReport? trainer) =>
        trainer is not null && trainer.State != TrainerState.Finished && trainer.TotalIterations > _commits.Committed.Value;

    private string DescribeCompleted()
    {
        var trainers = _roster.Trainers();
        var reached = trainers.Max(trainer => trainer is { State: TrainerState.Finished } ? trainer.Iteration : default);
        var what = reached > _commits.Committed
            ? $"the job is finished at iteration {reached}; of the last iterations no snapshot could be committed, the newest is {_commits.Committed}"
            : $"the job is finished at iteration {_commits.Committed}";
        var asking = _roster.Names(host => host.Report.Trainers.Any(AsksForMore));
        return asking.Length == 0
            ? what
            : $"{what}; trainers of {asking} mean to run more iterations, those of other hosts do not: start every host again with the same number";
    }
}
