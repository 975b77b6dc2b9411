using System.Runtime.InteropServices;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>A training state over plain memory: two tensors, a buffer, and two values.</summary>
internal sealed unsafe class TestState : IDisposable
{
    public TestState(int elements = 700_001)
    {
        Elements = elements;
        Weights = (float*)NativeMemory.AllocZeroed((nuint)elements * sizeof(float));
        Counts = (long*)NativeMemory.AllocZeroed(3 * sizeof(long));
        State = new TrainingState()
            .Add("weights", SafetensorsType.F32, [elements], (nint)Weights, (long)elements * sizeof(float))
            .AddBuffer("rng", 17, bytes => Rng.CopyTo(bytes), bytes => bytes.CopyTo(Rng))
            .Add("counts", SafetensorsType.I64, [3], (nint)Counts, 3 * sizeof(long))
            .AddValue("data_position", 20, () => DataPosition, text => DataPosition = text)
            .AddValue("note", 50, () => Note, text => Note = text);
    }

    public TrainingState State { get; }

    public int Elements { get; }

    public float* Weights { get; }

    public long* Counts { get; }

    public byte[] Rng { get; } = new byte[17];

    public string DataPosition { get; set; } = "0";

    public string Note { get; set; } = "";

    /// <summary>Sets values that differ for every iteration.</summary>
    public void Set(long iteration)
    {
        for (var index = 0; index < Elements; index++) Weights[index] = (iteration * 1000) + index;
        for (var index = 0; index < 3; index++) Counts[index] = iteration + index;
        Array.Fill(Rng, (byte)iteration);
        (DataPosition, Note) = ($"{iteration * 8}", $"after \"{iteration}\"");
    }

    public void SetWeight(int index, float value) => Weights[index] = value;

    public void AssertIs(long iteration)
    {
        for (var index = 0; index < Elements; index++)
            if (Weights[index] != (iteration * 1000) + index) Assert.Fail($"Weight {index} is {Weights[index]}, not of iteration {iteration}.");
        Assert.Equal([iteration, iteration + 1, iteration + 2], new ReadOnlySpan<long>(Counts, 3).ToArray());
        Assert.All(Rng, value => Assert.Equal((byte)iteration, value));
        Assert.Equal(($"{iteration * 8}", $"after \"{iteration}\""), (DataPosition, Note));
    }

    public void Dispose()
    {
        NativeMemory.Free(Weights);
        NativeMemory.Free(Counts);
    }
}
