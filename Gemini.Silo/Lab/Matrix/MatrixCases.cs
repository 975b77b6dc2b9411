using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Matrix;

/// <summary>Which cases are run a second time, on a job without storage: the cases that have to end in a refusal.</summary>
internal static class MatrixCases
{
    /// <summary>
    /// Two hosts of a group with two replicas, and all hosts. Only at moments that differ for a job with nothing left: in training, in the middle of
    /// a commit, and in a recovery before and after copies were moved. The other moments are left out, because each refusal costs a cluster.
    /// </summary>
    public static bool IsRefusal(DrillCase drill, DrillShape shape) =>
        (drill.Target == DrillTarget.All || (drill.Target == DrillTarget.GroupPair && shape.Replicas == 2))
        && drill.Time is DrillTime.Replication or DrillTime.Between or DrillTime.Decide or DrillTime.Load;

    /// <summary>The requested cases that are not run, and why.</summary>
    public static IEnumerable<string> LeftOut(MatrixOptions options)
    {
        if (options.OnlyWithStorage) yield break;
        yield return "without storage, only cases that have to end in a refusal are repeated: group-pair (m = 2) and all x replication, between, decide, load";
    }
}
