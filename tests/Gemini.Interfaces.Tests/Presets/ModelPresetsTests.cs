using Gemini.Interfaces.Presets;

namespace Gemini.Interfaces.Tests.Presets;

public sealed class ModelPresetsTests
{
    /// <summary>
    /// gpt2-small, bert-base and bert-large have the published numbers, with both heads of BERT. roberta-base and roberta-large have three embeddings less
    /// than the published checkpoints, which use 124,695,129 and 355,408,985 of their parameters. 10b to 100b follow from the rows of the paper's table 2.
    /// </summary>
    [Theory]
    [InlineData("gpt2-nano", 70_464)]
    [InlineData("gpt2-tiny", 3_257_856)]
    [InlineData("gpt2-small", 124_439_808)]
    [InlineData("gpt2-10b", 3_749_112_320)]
    [InlineData("gpt2-20b", 20_396_907_520)]
    [InlineData("gpt2-40b", 40_533_826_560)]
    [InlineData("gpt2-100b", 100_287_176_704)]
    [InlineData("bert-nano", 75_861)]
    [InlineData("bert-tiny", 3_392_005)]
    [InlineData("bert-base", 110_106_428)]
    [InlineData("bert-large", 336_226_108)]
    [InlineData("bert-40b", 40_586_346_587)]
    [InlineData("bert-100b", 100_421_510_235)]
    [InlineData("roberta-nano", 73_315)]
    [InlineData("roberta-tiny", 3_325_187)]
    [InlineData("roberta-base", 124_695_129)]
    [InlineData("roberta-large", 355_408_985)]
    [InlineData("roberta-40b", 40_560_106_585)]
    [InlineData("roberta-100b", 100_354_360_409)]
    public void ParameterCount_OfAPreset_IsExact(string name, long count) => Assert.Equal(count, ModelPresets.Get(name).ParameterCount);

    /// <summary>Counted layer by layer, without the formula.</summary>
    [Fact]
    public void ParameterCount_OfAnyPreset_IsTheSumOfItsLayers() => Assert.All(ModelPresets.All, shape =>
    {
        long h = shape.Hidden, i = shape.Intermediate;
        var norm = 2 * h;
        var attention = (h * 3 * h) + (3 * h) + (h * h) + h;
        var feedForward = (h * i) + i + (i * h) + h;
        var block = norm + attention + norm + feedForward;
        Assert.Equal(block, shape.BlockParameterCount);
        var segments = 2 * h;
        var masked = (h * h) + h + norm + shape.Vocabulary;
        var nextSentence = (h * h) + h + (h * 2) + 2;
        var more = shape.Architecture switch
        {
            Architecture.Gpt2 => 0,
            Architecture.Bert => segments + masked + nextSentence,
            _ => masked,
        };
        Assert.Equal((shape.Vocabulary * h) + (shape.Context * h) + (shape.Layers * block) + norm + more, shape.ParameterCount);
    });

    [Fact]
    public void All_IsInOrderWithOwnNamesAndUsableShapes()
    {
        Assert.Equal(ModelPresets.All.OrderBy(shape => shape.Architecture).ThenBy(shape => shape.ParameterCount), ModelPresets.All);
        Assert.Equal(ModelPresets.All.Count, ModelPresets.All.Select(shape => shape.Name).Distinct().Count());
        Assert.All(ModelPresets.All, shape => Assert.Equal((0, true), (shape.Hidden % shape.Heads, shape.Vocabulary >= shape.VocabularyMin)));
        Assert.All(ModelPresets.All, shape => Assert.StartsWith(shape.Architecture.ToString().ToLowerInvariant() + "-", shape.Name, StringComparison.Ordinal));
        Assert.Equal("gpt2-tiny", ModelPresets.Get(ModelPresets.DefaultName).Name);
    }

    /// <summary>The rows of the paper's table 2 that are for all three models.</summary>
    [Theory]
    [InlineData("40b")]
    [InlineData("100b")]
    public void Presets_OfThePapersTable_HaveTheSameNumbers(string size)
    {
        var shape = ModelPresets.Get($"gpt2-{size}");
        Assert.Equal(shape with { Name = $"bert-{size}", Architecture = Architecture.Bert }, ModelPresets.Get($"bert-{size}"));
        Assert.Equal(shape with { Name = $"roberta-{size}", Architecture = Architecture.Roberta }, ModelPresets.Get($"roberta-{size}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpt3")]
    [InlineData("GPT2-tiny")]
    [InlineData("gpt2-tiny ")]
    public void Get_Unknown_NamesTheKnownOnes(string name)
    {
        var error = Assert.Throws<ArgumentException>(() => ModelPresets.Get(name));
        Assert.StartsWith(
            $"Unknown model '{name}'. Known: gpt2-nano, gpt2-tiny, gpt2-small, gpt2-10b, gpt2-20b, gpt2-40b, gpt2-100b, bert-nano, ", error.Message, StringComparison.Ordinal);
        Assert.Contains(", roberta-40b, roberta-100b.", error.Message, StringComparison.Ordinal);
    }

    /// <summary>More parameters than an int counts, in one matrix.</summary>
    [Fact]
    public void ParameterCount_LargeNumbers_DoNotOverflow()
    {
        var shape = new ModelShape("x", Architecture.Gpt2, Layers: 1000, Hidden: 1 << 20, Heads: 1, Intermediate: 1 << 22, Context: 1, Vocabulary: 256);
        Assert.Equal((12L << 40) + (13L << 20), shape.BlockParameterCount);
        Assert.Equal((259L << 20) + (1000 * shape.BlockParameterCount), shape.ParameterCount);
    }
}
