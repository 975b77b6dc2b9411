using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>What is new in a report. Pure.</summary>
/// <remarks>
/// A host of a job that trains reports in every iteration, and mostly only that it goes on. The root agent looks at all hosts when it decides. So it
/// takes such a report in, and decides at its next periodic evaluation. Otherwise its work for an iteration would grow with the square of the hosts.
/// </remarks>
internal static class ReportNews
{
    /// <summary>
    /// Whether the report says only that training goes on: newer iterations, copies of them, and counts. Everything else has to be decided on at once,
    /// also what a later version of this program adds to a report.
    /// </summary>
    /// <param name="before">The same silo process's report before.</param>
    /// <param name="after">The newest one.</param>
    public static bool IsOnlyProgress(HostReport before, HostReport after)
    {
        if (before.Trainers.Length != after.Trainers.Length) return false;
        for (var index = 0; index < before.Trainers.Length; index++)
        {
            if (!IsOnlyProgress(before.Trainers[index], after.Trainers[index])) return false;
        }

        return before == after with
        {
            Sequence = before.Sequence,
            Trainers = before.Trainers,
            Replicas = before.Replicas,
            Committed = before.Committed,
            MemoryBytes = before.MemoryBytes,
            ManagedBytes = before.ManagedBytes,
            Scrub = before.Scrub,
            Transfers = before.Transfers,
            Paths = before.Paths,
            Traffic = before.Traffic,
            Leftovers = Known(before.Leftovers, after.Leftovers),
            Quarantined = Known(before.Quarantined, after.Quarantined),
            GuestsRefused = Known(before.GuestsRefused, after.GuestsRefused),
            Labels = Known(before.Labels, after.Labels),
            Restored = Known(before.Restored, after.Restored),
            ReplicationProblems = Known(before.ReplicationProblems, after.ReplicationProblems),
        };
    }

    private static bool IsOnlyProgress(TrainerReport before, TrainerReport after) => before == after with
    {
        Iteration = before.Iteration,
        Captured = before.Captured,
        Committed = before.Committed,
        Loss = before.Loss,
        IterationMilliseconds = before.IterationMilliseconds,
        BusyMilliseconds = before.BusyMilliseconds,
        SkippedSaves = before.SkippedSaves,
    };

    /// <summary>The array before if the elements are the same: arrays are compared by reference.</summary>
    private static ImmutableArray<T> Known<T>(ImmutableArray<T> before, ImmutableArray<T> after) => before.SequenceEqual(after) ? before : after;
}
