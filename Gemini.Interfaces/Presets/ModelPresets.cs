namespace Gemini.Interfaces.Presets;

/// <summary>The models that <c>--model</c> knows.</summary>
/// <remarks>
/// <c>gpt2-small</c> is the published GPT-2 (Radford et al., 2019). The presets 10b to 100b are rows of table 2 of the GEMINI paper (SOSP'23), with
/// its sequence length and vocabulary. The numbers of the row called 10B give 3.75 billion parameters; the name is kept as the paper prints it.
/// </remarks>
public static class ModelPresets
{
    public const string DefaultName = "gpt2-tiny";

    /// <summary>Every preset, from the smallest to the largest.</summary>
    public static IReadOnlyList<ModelShape> All { get; } =
    [
        new("gpt2-nano", Layers: 2, Hidden: 48, Heads: 4, Intermediate: 192, Context: 32, Vocabulary: 256),
        new("gpt2-tiny", Layers: 4, Hidden: 256, Heads: 4, Intermediate: 1024, Context: 128, Vocabulary: 256),
        new("gpt2-small", Layers: 12, Hidden: 768, Heads: 12, Intermediate: 3072, Context: 1024, Vocabulary: 50257),
        new("gpt2-10b", Layers: 46, Hidden: 2560, Heads: 40, Intermediate: 10240, Context: 512, Vocabulary: 50265),
        new("gpt2-20b", Layers: 64, Hidden: 5120, Heads: 40, Intermediate: 20480, Context: 512, Vocabulary: 50265),
        new("gpt2-40b", Layers: 128, Hidden: 5120, Heads: 40, Intermediate: 20480, Context: 512, Vocabulary: 50265),
        new("gpt2-100b", Layers: 124, Hidden: 8192, Heads: 64, Intermediate: 32768, Context: 512, Vocabulary: 50265),
    ];

    /// <exception cref="ArgumentException">There is no such preset. The message lists the existing ones.</exception>
    public static ModelShape Get(string name) => All.FirstOrDefault(shape => shape.Name == name) ?? throw new ArgumentException(
        $"Unknown model '{name}'. Known: {string.Join(", ", All.Select(shape => shape.Name))}.", nameof(name));
}
