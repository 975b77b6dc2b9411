using System.Globalization;
using Gemini.Interfaces;

namespace Gemini.Grains.Health;

/// <summary>
/// How long a present host may take to carry out a step before it counts as unable. Pure; the remarks have the formula of every limit.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>Halt: <c>StopLimit + StepSlack + bytes / copy rate</c>. The bytes are those of the host's own shards, because a capture may be running.</item>
/// <item>Declare: <c>StartLimit + LoadLimit + StepSlack</c>. Before the first start every trainer creates its model and declares the size of its
/// shard.</item>
/// <item>Prepare: <c>StartLimit + StepSlack + bytes / rate</c>. The host creates all segments of the position and, in a job with storage, its staging
/// buffers, and it fetches its own shards; these are the bytes. The rate is that of storage if the plan needs storage, else that of copies.</item>
/// <item>Load: <c>LoadLimit + bytes / load rate</c>: the limit of a job that makes no progress while its trainers load; see
/// <see cref="StuckClassifier"/>.</item>
/// </list>
/// Each is a <see cref="Deadline"/> with the ceiling <see cref="HealthOptions.StepCeiling"/>. A rate is what was measured, divided by
/// <see cref="Deadline.Slowdown"/>, or <c>CopyRateFloorBytesPerSecond</c> or <c>StorageRateFloorBytesPerSecond</c> while nothing was measured.
/// </remarks>
/// <param name="health">The settings.</param>
/// <param name="rates">What was measured.</param>
internal readonly struct StepLimits(HealthOptions health, RestoreRates rates)
{
    public StepLimit Halt(long ownBytes)
    {
        var limit = Of(ownBytes, Copy, health.StopLimit + health.StepSlack);
        return new StepLimit(limit, $"stop its trainers within {Seconds(limit)} s");
    }

    public StepLimit Declare()
    {
        var limit = health.StartLimit + health.LoadLimit + health.StepSlack;
        return new StepLimit(limit, $"start trainers that declare their shard sizes within {Seconds(limit)} s");
    }

    public StepLimit Prepare(long bytes, bool fromStorage)
    {
        var limit = Of(bytes, fromStorage ? Storage : Copy, health.StartLimit + health.StepSlack);
        return new StepLimit(limit, $"have its copies and its trainers ready within {Seconds(limit)} s");
    }

    /// <param name="ownBytes">Of the host with the largest shards.</param>
    public TimeSpan Load(long ownBytes) => Of(ownBytes, Deadline.LeastRate(rates.Load, health.CopyRateFloorBytesPerSecond), health.LoadLimit);

    private double Copy => Deadline.LeastRate(rates.Copy, health.CopyRateFloorBytesPerSecond);

    private double Storage => Deadline.LeastRate(rates.Storage, health.StorageRateFloorBytesPerSecond);

    private TimeSpan Of(long bytes, double rate, TimeSpan floor) => Deadline.Of(bytes, rate, floor, health.StepCeiling);

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
}

/// <summary>A limit of one step on one host.</summary>
/// <param name="Limit">How long the host may take.</param>
/// <param name="Expectation">What the host should do, for people: "stop its trainers within 20 s".</param>
internal readonly record struct StepLimit(TimeSpan Limit, string Expectation);
