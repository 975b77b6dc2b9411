using System.Collections.Immutable;
using Gemini.Interfaces.Presets;

namespace Gemini.Benchmarks.Emulation;

/// <summary>A model's times in the paper, from which an emulated one is scaled down.</summary>
/// <param name="Iteration">Time of an iteration without checkpoints.</param>
/// <param name="Idle">For how long of it the network is idle.</param>
/// <param name="Checkpoint">How long a checkpoint's replica uses the network.</param>
internal sealed record PublishedModel(TimeSpan Iteration, TimeSpan Idle, TimeSpan Checkpoint)
{
    /// <summary>Figures 7, 13a and 13b: GPT-2 40B on 16 machines with 100 Gbit/s.</summary>
    public static readonly PublishedModel Gpt2Of40BOnP3dn = new(Seconds(43.5), Seconds(5.7), Seconds(4.4));

    /// <summary>Figures 7 and 8: GPT-2 100B on 16 machines with 400 Gbit/s.</summary>
    public static readonly PublishedModel Gpt2Of100BOnP4d = new(Seconds(65), Seconds(10), Seconds(2.5));

    // How an iteration's idle time is divided. The paper's traces have one long, dependable span among short ones that vary.
    private const double EmbedShare = 0.5;
    private const double HeadShare = 0.1;
    private const double ForwardShare = 0.15;
    private const double BackwardShare = 1 - EmbedShare - HeadShare - ForwardShare;
    internal const double Jitter = 0.3;

    /// <summary>All times divided by a number.</summary>
    public PublishedModel ScaledBy(double divisor) => new(Iteration / divisor, Idle / divisor, Checkpoint / divisor);

    /// <summary>The same use of the network, with another idle time.</summary>
    public PublishedModel WithIdle(TimeSpan idle) => this with { Iteration = Iteration - Idle + idle, Idle = idle };

    /// <summary>The rate of a link that makes the replica of one host's shard take <see cref="Checkpoint"/>.</summary>
    /// <param name="shape">What is trained in place of the published model.</param>
    /// <param name="hosts">Among how many hosts it is divided.</param>
    public long LinkBitsPerSecond(ModelShape shape, int hosts) => (long)(8 * CheckpointBytes(shape, hosts) / Checkpoint.TotalSeconds);

    /// <summary>Parameters and two moments, fp32: one host's shard of the state.</summary>
    public static double CheckpointBytes(ModelShape shape, int hosts) => 12.0 * shape.ParameterCount / hosts;

    /// <summary>The waits of an emulated trainer.</summary>
    /// <param name="shape">What is trained in place of the published model.</param>
    /// <param name="hosts">Among how many hosts it is divided.</param>
    /// <param name="moveAt">
    /// From this iteration on, the long idle span is in the middle of each iteration, and there is none at its begin. Null: it stays where it is.
    /// </param>
    public EmulationProfile ProfileFor(ModelShape shape, int hosts, long? moveAt = null)
    {
        var first = PhaseFrom(iteration: 0, shape.Layers);
        if (moveAt is not { } iteration) return new EmulationProfile(Repeats(hosts), [first]);
        var moved = first with { From = iteration, Embed = TimeSpan.Zero, Head = first.Embed + first.Head };
        return new EmulationProfile(Repeats(hosts), [first, moved]);
    }

    private EmulationPhase PhaseFrom(long iteration, int layers) => new(
        iteration, Idle * EmbedShare, Blocks(ForwardShare, layers), Idle * HeadShare, Blocks(BackwardShare, layers), Jitter);

    private ImmutableArray<TimeSpan> Blocks(double share, int layers) => [.. Enumerable.Repeat(Idle * share / layers, layers)];

    /// <summary>
    /// How often each collective must move its bytes, so that training uses the network as long as published. One iteration gathers all parameters
    /// twice and scatters the gradients once. Of each, a host sends (N−1)/N, together N−1 times as much as its checkpoint of parameters and moments.
    /// </summary>
    private int Repeats(int hosts) => Math.Max(1, (int)Math.Round((Iteration - Idle) / Checkpoint / (hosts - 1)));

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
