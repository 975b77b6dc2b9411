using static Gemini.Interfaces.Presets.Architecture;

namespace Gemini.Interfaces.Presets;

/// <summary>The models that <c>--model</c> knows.</summary>
/// <remarks>
/// <c>gpt2-small</c> is the published GPT-2 (Radford et al., 2019). <c>bert-base</c> and <c>bert-large</c> are those of Devlin et al., 2019, section 3,
/// <c>roberta-base</c> and <c>roberta-large</c> those of Liu et al., 2019, with the vocabularies of the published checkpoints. (The checkpoints of
/// RoBERTa have three unused embeddings more: two positions and a segment.) The presets 10b to 100b are rows of table 2 of the GEMINI paper (SOSP'23),
/// with its sequence length and vocabulary. The numbers of the row called 10B give 3.75 billion parameters; the name is kept as the paper prints it. The
/// presets nano and tiny are small enough to train on a CPU.
/// </remarks>
public static class ModelPresets
{
    public const string DefaultName = "gpt2-tiny";

    /// <summary>Every preset, by architecture, and of each architecture from the smallest to the largest.</summary>
    public static IReadOnlyList<ModelShape> All { get; } =
    [
        new("gpt2-nano", Gpt2, Layers: 2, Hidden: 48, Heads: 4, Intermediate: 192, Context: 32, Vocabulary: 256),
        new("gpt2-tiny", Gpt2, Layers: 4, Hidden: 256, Heads: 4, Intermediate: 1024, Context: 128, Vocabulary: 256),
        new("gpt2-small", Gpt2, Layers: 12, Hidden: 768, Heads: 12, Intermediate: 3072, Context: 1024, Vocabulary: 50257),
        new("gpt2-10b", Gpt2, Layers: 46, Hidden: 2560, Heads: 40, Intermediate: 10240, Context: 512, Vocabulary: 50265),
        new("gpt2-20b", Gpt2, Layers: 64, Hidden: 5120, Heads: 40, Intermediate: 20480, Context: 512, Vocabulary: 50265),
        new("gpt2-40b", Gpt2, Layers: 128, Hidden: 5120, Heads: 40, Intermediate: 20480, Context: 512, Vocabulary: 50265),
        new("gpt2-100b", Gpt2, Layers: 124, Hidden: 8192, Heads: 64, Intermediate: 32768, Context: 512, Vocabulary: 50265),
        new("bert-nano", Bert, Layers: 2, Hidden: 48, Heads: 4, Intermediate: 192, Context: 32, Vocabulary: 259),
        new("bert-tiny", Bert, Layers: 4, Hidden: 256, Heads: 4, Intermediate: 1024, Context: 128, Vocabulary: 259),
        new("bert-base", Bert, Layers: 12, Hidden: 768, Heads: 12, Intermediate: 3072, Context: 512, Vocabulary: 30522),
        new("bert-large", Bert, Layers: 24, Hidden: 1024, Heads: 16, Intermediate: 4096, Context: 512, Vocabulary: 30522),
        new("bert-40b", Bert, Layers: 128, Hidden: 5120, Heads: 40, Intermediate: 20480, Context: 512, Vocabulary: 50265),
        new("bert-100b", Bert, Layers: 124, Hidden: 8192, Heads: 64, Intermediate: 32768, Context: 512, Vocabulary: 50265),
        new("roberta-nano", Roberta, Layers: 2, Hidden: 48, Heads: 4, Intermediate: 192, Context: 32, Vocabulary: 259),
        new("roberta-tiny", Roberta, Layers: 4, Hidden: 256, Heads: 4, Intermediate: 1024, Context: 128, Vocabulary: 259),
        new("roberta-base", Roberta, Layers: 12, Hidden: 768, Heads: 12, Intermediate: 3072, Context: 512, Vocabulary: 50265),
        new("roberta-large", Roberta, Layers: 24, Hidden: 1024, Heads: 16, Intermediate: 4096, Context: 512, Vocabulary: 50265),
        new("roberta-40b", Roberta, Layers: 128, Hidden: 5120, Heads: 40, Intermediate: 20480, Context: 512, Vocabulary: 50265),
        new("roberta-100b", Roberta, Layers: 124, Hidden: 8192, Heads: 64, Intermediate: 32768, Context: 512, Vocabulary: 50265),
    ];

    /// <exception cref="ArgumentException">There is no such preset. The message lists the existing ones.</exception>
    public static ModelShape Get(string name) => All.FirstOrDefault(shape => shape.Name == name) ?? throw new ArgumentException(
        $"Unknown model '{name}'. Known: {string.Join(", ", All.Select(shape => shape.Name))}.", nameof(name));
}
