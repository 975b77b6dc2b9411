using System.Globalization;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Sharding;

/// <summary>A rank's shard as a training state: the content of this trainer's snapshots.</summary>
internal static class ShardStateDescription
{
    /// <summary>Enough for any non-negative 64-bit number.</summary>
    private const int MaxNumberBytes = 19;

    /// <summary>
    /// The shard's tensors and counters. Random numbers need no separate buffer: one of the shard's tensors holds their state as of the last
    /// optimizer step.
    /// </summary>
    /// <remarks>
    /// The value "model" names the model, because shards of two models may have the same sizes. The value "units" says how the shard is divided.
    /// Snapshots of an older version, in which a shard was one range of all parameters, have tensors of the same names and maybe the same sizes, but not
    /// these values. So they are refused as snapshots of another state.
    /// </remarks>
    public static TrainingState Describe(this ShardState shard)
    {
        var state = new TrainingState();
        foreach (var (name, tensor) in shard.Tensors) state.Add(name, tensor);
        var units = shard.Layout.Description;
        return state
            .AddValue("model", shard.Model.Length, () => shard.Model, text => RequireModel(shard.Model, text))
            .AddValue("units", units.Length, () => units, text => RequireUnits(units, text))
            .AddValue("step", MaxNumberBytes, () => Text(shard.Step), text => shard.Step = Number(text))
            .AddValue("data_position", MaxNumberBytes, () => Text(shard.DataPosition), text => shard.DataPosition = Number(text));
    }

    private static void RequireModel(string model, string text)
    {
        if (text != model) throw new InvalidDataException($"The snapshot is of {text}, this model is {model}.");
    }

    private static void RequireUnits(string units, string text)
    {
        if (text != units) throw new InvalidDataException($"The snapshot's shard has units of {text} parameters, this model has units of {units}.");
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static long Number(string text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
