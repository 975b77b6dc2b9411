using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Matrix;

/// <summary>Which cases are done a second time, on a job without storage: those that have to end in a refusal.</summary>
internal static class MatrixCases
{
    /// <summary>
    /// Two hosts of a group with two replicas, and all hosts. At moments that differ for a job that has nothing left: in training, in
    /// the middle of a commit, and in a recovery before and after copies moved. A refusal costs a cluster.
    /// </summary>
    public static bool IsRefusal(DrillCase drill, DrillShape shape) =>
        (drill.Target == DrillTarget.All || (drill.Target == DrillTarget.GroupPair && shape.Replicas == 2))
        && drill.Time is DrillTime.Replication or DrillTime.Between or DrillTime.Decide or DrillTime.Load;

    /// <summary>What is not done although it was asked for, and why.</summary>
    public static IEnumerable<string> LeftOut(MatrixOptions options)
    {
        if (options.OnlyWithStorage) yield break;
        yield return "without storage only what has to end in a refusal is done again: group-pair (m = 2) and all x replication, between, decide, load";
    }
}
