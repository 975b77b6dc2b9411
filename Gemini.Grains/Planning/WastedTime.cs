namespace Gemini.Grains.Planning;

/// <summary>How much training a failure costs: the paper's model.</summary>
/// <remarks>
/// GEMINI (SOSP'23) §2.1. Symbols: t_ckpt = time to finish one checkpoint, 1/f = time between the starts of two, t_rtvl = time to
/// retrieve the newest complete one, T_iter = time of an iteration. Failures are uniform in time; the replacement of machines is not
/// in it (footnote 1). Checked by: PaperChecksTests.
/// </remarks>
public static class WastedTime
{
    /// <summary>Equation (1): T_wasted = t_ckpt + 1/(2f) + t_rtvl, the mean of the best case (1/f less a half) and the worst.</summary>
    /// <param name="checkpoint">t_ckpt.</param>
    /// <param name="interval">1/f, not below <see cref="ShortestInterval"/>.</param>
    /// <param name="retrieval">t_rtvl.</param>
    public static TimeSpan Mean(TimeSpan checkpoint, TimeSpan interval, TimeSpan retrieval) => checkpoint + (interval / 2) + retrieval;

    /// <summary>Equation (2): 1/f ≥ max(t_ckpt, T_iter). No two checkpoints at once, and no more than one an iteration.</summary>
    public static TimeSpan ShortestInterval(TimeSpan checkpoint, TimeSpan iteration) => checkpoint > iteration ? checkpoint : iteration;

    /// <summary>
    /// §7.2: GEMINI, all copies in host memory: 1.5 T_iter + t_rtvl. A checkpoint is sent in the idle spans of the next iteration and is
    /// complete at its end, so t_ckpt = 1/f = T_iter. After a software failure t_rtvl is about 0; from a peer it was below 3 s.
    /// </summary>
    public static TimeSpan Gemini(TimeSpan iteration, TimeSpan retrieval) => Mean(iteration, ShortestInterval(iteration, iteration), retrieval);

    /// <summary>Remote storage as often as it takes one, t_rtvl = t_ckpt: 2.5 t_ckpt (§2.2).</summary>
    public static TimeSpan RemoteStorage(TimeSpan checkpoint) => Mean(checkpoint, ShortestInterval(checkpoint, TimeSpan.Zero), checkpoint);

    /// <summary>t_ckpt of remote storage: all bytes through one pipe.</summary>
    /// <param name="parameterCount">P.</param>
    /// <param name="bitsPerSecond">Of the storage, for all machines together.</param>
    public static TimeSpan CheckpointTo(long parameterCount, double bitsPerSecond) =>
        TimeSpan.FromSeconds(CheckpointBytes(parameterCount) * 8.0 / bitsPerSecond);

    /// <summary>12 bytes a parameter: fp32 master weight and both Adam moments (§5.2: 9.4 GB of each of 128 GPUs for 100 billion).</summary>
    public static long CheckpointBytes(long parameterCount) => 12 * parameterCount;

    /// <summary>
    /// Fig. 11: by what factor GEMINI's checkpoint is faster than one to remote storage. Each of N machines sends its N-th part m-1 times
    /// at 85 % of its link, beside all of it through one pipe: N · 0.85 · B / (S (m-1)). Valid for m ≥ 2.
    /// </summary>
    /// <param name="hostCount">N.</param>
    /// <param name="replicas">m.</param>
    /// <param name="hostBitsPerSecond">B, a machine's link.</param>
    /// <param name="storageBitsPerSecond">S; 20 Gbit/s in the paper.</param>
    public static double CheckpointSpeedup(int hostCount, int replicas, double hostBitsPerSecond, double storageBitsPerSecond) =>
        hostCount * 0.85 * hostBitsPerSecond / (storageBitsPerSecond * (replicas - 1));
}
