using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gemini.Benchmarks.Emulation;

/// <summary>How long an emulated trainer computes between its collectives. While it computes, the network is idle.</summary>
/// <param name="Repeats">
/// How often each collective moves its bytes: as often as there are micro-batches in an iteration. The paper's models are busy with the network much
/// longer than one gather of an fp32 shard takes.
/// </param>
/// <param name="Phases">At least one, by ascending <see cref="EmulationPhase.From"/>; the first is from iteration 0.</param>
internal sealed record EmulationProfile(int Repeats, ImmutableArray<EmulationPhase> Phases)
{
    /// <summary>The phase of an iteration.</summary>
    /// <param name="iteration">Counted from 0, since the trainer's start.</param>
    public EmulationPhase At(long iteration) => Phases.Last(phase => phase.From <= iteration);

    public void Save(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, EmulationJson.Default.EmulationProfile));

    public static EmulationProfile Load(string path) =>
        JsonSerializer.Deserialize(File.ReadAllText(path), EmulationJson.Default.EmulationProfile)
        ?? throw new InvalidDataException($"{path} is no emulation profile.");
}

/// <summary>The computing of some iterations.</summary>
/// <param name="From">The first iteration, counted from 0.</param>
/// <param name="Embed">Before the first block: the iteration's long, dependable idle span.</param>
/// <param name="Forward">In each block of the forward pass, by block.</param>
/// <param name="Head">In the output head.</param>
/// <param name="Backward">In each block of the backward pass, by block.</param>
/// <param name="Jitter">By which share the times of blocks vary from iteration to iteration. From 0 to 1.</param>
internal sealed record EmulationPhase(
    long From, TimeSpan Embed, ImmutableArray<TimeSpan> Forward, TimeSpan Head, ImmutableArray<TimeSpan> Backward, double Jitter)
{
    /// <summary>All computing of an iteration, on average.</summary>
    [JsonIgnore]
    public TimeSpan Total => new(Embed.Ticks + Head.Ticks + Forward.Sum(time => time.Ticks) + Backward.Sum(time => time.Ticks));
}

[JsonSerializable(typeof(EmulationProfile))]
internal sealed partial class EmulationJson : JsonSerializerContext;
