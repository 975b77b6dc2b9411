using System.Globalization;

namespace Gemini.Grains.Health;

/// <summary>
/// How long a present host may take to carry out a step before it counts as unable. Pure; the remarks have the formula of every limit.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>Halt: <c>StopLimit + bytes / CopyRateFloorBytesPerSecond + StepSlack</c>. The bytes are those of the host's own shards, because a capture
/// may be running.</item>
/// <item>Declare: <c>StartLimit + LoadLimit + StepSlack</c>. Before the first start every trainer creates its model and declares the size of its
/// shard.</item>
/// <item>Prepare: <c>bytes / rate + StartLimit + StepSlack</c>. The host creates all segments of the position and, in a job with storage, its staging
/// buffers, and it fetches its own shards; these are the bytes. The rate is <c>StorageRateFloorBytesPerSecond</c> if the plan needs storage, else
/// <c>CopyRateFloorBytesPerSecond</c>.</item>
/// </list>
/// The step Run has no limit here. If trainers do not load, the job hangs: see <see cref="StuckClassifier"/> and
/// <see cref="HealthOptions.LoadLimit"/>.
/// </remarks>
internal static class StepLimits
{
    public static StepLimit Halt(long ownBytes, HealthOptions health)
    {
        var limit = health.StopLimit + Time(ownBytes, health.CopyRateFloorBytesPerSecond) + health.StepSlack;
        return new StepLimit(limit, $"stop its trainers within {Seconds(limit)} s");
    }

    public static StepLimit Declare(HealthOptions health)
    {
        var limit = health.StartLimit + health.LoadLimit + health.StepSlack;
        return new StepLimit(limit, $"start trainers that declare their shard sizes within {Seconds(limit)} s");
    }

    public static StepLimit Prepare(long bytes, bool fromStorage, HealthOptions health)
    {
        var rate = fromStorage ? health.StorageRateFloorBytesPerSecond : health.CopyRateFloorBytesPerSecond;
        var limit = Time(bytes, rate) + health.StartLimit + health.StepSlack;
        return new StepLimit(limit, $"have its copies and its trainers ready within {Seconds(limit)} s");
    }

    private static TimeSpan Time(long bytes, double bytesPerSecond) => TimeSpan.FromSeconds(bytes / bytesPerSecond);

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
}

/// <summary>A limit of one step on one host.</summary>
/// <param name="Limit">How long the host may take.</param>
/// <param name="Expectation">What the host should do, for people: "stop its trainers within 20 s".</param>
internal readonly record struct StepLimit(TimeSpan Limit, string Expectation);
