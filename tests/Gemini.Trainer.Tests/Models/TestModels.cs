using Gemini.Interfaces.Presets;
using Gemini.Trainer.Data;

namespace Gemini.Trainer.Tests.Models;

/// <summary>Small models of every architecture, and samples for them.</summary>
internal static class TestModels
{
    /// <summary>Tokens of a sample.</summary>
    public const int Length = 8;

    private static readonly ByteCorpus Corpus = new([.. Enumerable.Range(0, 4096).Select(index => (byte)(index * 37))]);

    public static TheoryData<Architecture> Architectures => [.. Enum.GetValues<Architecture>()];

    public static ModelShape Nano(Architecture architecture) =>
        ModelPresets.All.Single(shape => shape.Architecture == architecture && shape.Name.EndsWith("-nano", StringComparison.Ordinal));

    /// <summary>Each of its units needs padding with two ranks, and with three.</summary>
    public static ModelShape Odd(Architecture architecture) =>
        new("odd", architecture, Layers: 3, Hidden: 5, Heads: 1, Intermediate: 8, Context: 13, Vocabulary: 260);

    /// <summary>Two samples of <see cref="Length"/> tokens.</summary>
    /// <param name="architecture">Of the model.</param>
    /// <param name="number">Another number gives other samples.</param>
    public static Batch Samples(Architecture architecture, int number) =>
        new BatchSampler(Objectives.Of(architecture, Corpus, seed: 1, Length), seed: 1, batch: 2).Sample(position: 2L * number, rank: 0);
}
