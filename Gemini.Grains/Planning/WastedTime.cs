namespace Gemini.Grains.Planning;

/// <summary>How much training a failure costs: the paper's model.</summary>
/// <remarks>
/// GEMINI (SOSP'23) §2.1. Symbols: t_ckpt = time to finish one checkpoint, 1/f = time between the starts of two, t_rtvl = time to retrieve the newest
/// complete one, T_iter = time of an iteration. Failures are uniform in time; the model leaves out the replacement of machines (footnote 1). Checked
/// by: PaperChecksTests.
/// </remarks>
public static class WastedTime
{
    /// <summary>The share of its network that a host can use for checkpoints (Fig. 11).</summary>
    private const double NetworkShare = 0.85;

    /// <summary>
    /// Equation (1): T_wasted = t_ckpt + 1/(2f) + t_rtvl, the mean of the best case (t_ckpt + t_rtvl) and the worst case (t_ckpt + 1/f + t_rtvl).
    /// </summary>
    /// <param name="checkpoint">t_ckpt.</param>
    /// <param name="interval">1/f, not below <see cref="ShortestInterval"/>.</param>
    /// <param name="retrieval">t_rtvl.</param>
    public static TimeSpan Mean(TimeSpan checkpoint, TimeSpan interval, TimeSpan retrieval) => checkpoint + (interval / 2) + retrieval;

    /// <summary>Equation (2): 1/f ≥ max(t_ckpt, T_iter). Two checkpoints never overlap, and an iteration has at most one.</summary>
    public static TimeSpan ShortestInterval(TimeSpan checkpoint, TimeSpan iteration) => checkpoint > iteration ? checkpoint : iteration;

    /// <summary>
    /// §7.2: GEMINI, all copies in host memory: 1.5 T_iter + t_rtvl. A checkpoint is sent in the idle spans of the next iteration and is
    /// complete at its end, so t_ckpt = 1/f = T_iter. After a software failure t_rtvl is about 0; from a peer it was below 3 s.
    /// </summary>
    public static TimeSpan Gemini(TimeSpan iteration, TimeSpan retrieval) => Mean(iteration, ShortestInterval(iteration, iteration), retrieval);

    /// <summary>Remote storage, with one checkpoint directly after the other (1/f = t_ckpt) and t_rtvl = t_ckpt: 2.5 t_ckpt (§2.2).</summary>
    public static TimeSpan RemoteStorage(TimeSpan checkpoint) => Mean(checkpoint, ShortestInterval(checkpoint, TimeSpan.Zero), checkpoint);

    /// <summary>t_ckpt of remote storage: all bytes go through one shared link.</summary>
    /// <param name="parameterCount">P.</param>
    /// <param name="bitsPerSecond">Bandwidth of the storage, for all machines together.</param>
    public static TimeSpan CheckpointTo(long parameterCount, double bitsPerSecond) =>
        TimeSpan.FromSeconds(CheckpointBytes(parameterCount) * 8.0 / bitsPerSecond);

    /// <summary>
    /// 12 bytes a parameter: fp32 master weight and both Adam moments (§5.2: 9.4 GB for each of 128 GPUs with 100 billion parameters).
    /// </summary>
    public static long CheckpointBytes(long parameterCount) => 12 * parameterCount;

    /// <summary>How long a host's network is in use for so many bytes of copies.</summary>
    /// <param name="bytes">Of copies, at least 0.</param>
    /// <param name="hostBitsPerSecond">B, the bandwidth of a machine's link.</param>
    public static TimeSpan TransferOf(long bytes, double hostBitsPerSecond) => TimeSpan.FromSeconds(bytes * 8 / (NetworkShare * hostBitsPerSecond));

    /// <summary>
    /// Fig. 11: the factor by which GEMINI's checkpoint is faster than one to remote storage. With GEMINI, each of N machines sends its N-th part m-1
    /// times at 85 % of its link. To remote storage, all parts go through one shared link. So the factor is N · 0.85 · B / (S (m-1)). Valid for m ≥
    /// 2.
    /// </summary>
    /// <param name="hostCount">N.</param>
    /// <param name="replicas">m.</param>
    /// <param name="hostBitsPerSecond">B, the bandwidth of a machine's link.</param>
    /// <param name="storageBitsPerSecond">S; 20 Gbit/s in the paper.</param>
    public static double CheckpointSpeedup(int hostCount, int replicas, double hostBitsPerSecond, double storageBitsPerSecond) =>
        hostCount * NetworkShare * hostBitsPerSecond / (storageBitsPerSecond * (replicas - 1));
}
