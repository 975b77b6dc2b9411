using Gemini.Interfaces.Presets;
using Gemini.Trainer.Models;

namespace Gemini.Trainer.Tests.Models;

/// <summary>The units of a model's parameters.</summary>
public sealed class ParameterLayoutTests
{
    private static readonly string[] CommonOfEncoders =
    [
        "embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight", "embeddings.LayerNorm.weight", "embeddings.LayerNorm.bias",
        "predictions.transform.dense.weight", "predictions.transform.dense.bias",
        "predictions.transform.LayerNorm.weight", "predictions.transform.LayerNorm.bias", "predictions.bias",
    ];

    private static readonly string[] OwnOfBert =
    [
        "embeddings.token_type_embeddings.weight", "pooler.dense.weight", "pooler.dense.bias", "seq_relationship.weight", "seq_relationship.bias",
    ];

    [Theory]
    [InlineData("gpt2-nano", 70_464)]
    [InlineData("gpt2-small", 124_439_808)] // The published number.
    [InlineData("bert-nano", 75_861)]
    [InlineData("bert-base", 110_106_428)] // The published number, with both heads.
    [InlineData("bert-large", 336_226_108)] // The published number, with both heads.
    [InlineData("roberta-nano", 73_315)]
    [InlineData("roberta-base", 124_697_433 - (3 * 768))] // The published number counts three embeddings that nothing uses.
    [InlineData("roberta-large", 355_412_057 - (3 * 1024))] // Likewise.
    public void Layout_OfAPreset_HasItsParameterCount(string name, long expected)
    {
        var shape = ModelPresets.Get(name);
        Assert.Equal(expected, shape.ParameterCount);
        Assert.Equal(expected, new ParameterLayout(shape).Count);
    }

    [Fact]
    public void Layout_OfEveryPreset_HasAnEmbeddingAndOneUnitForEachBlock()
    {
        foreach (var shape in ModelPresets.All)
        {
            var layout = new ParameterLayout(shape);
            var (blocks, embedding) = shape.Architecture switch
            {
                Architecture.Gpt2 => ("h", (string[])["wte.weight", "wpe.weight", "ln_f.weight", "ln_f.bias"]),
                Architecture.Bert => ("encoder.layer", [.. CommonOfEncoders, .. OwnOfBert]),
                _ => ("encoder.layer", CommonOfEncoders),
            };
            Assert.Equal(["embedding", .. Enumerable.Range(0, shape.Layers).Select(layer => $"{blocks}.{layer}")], layout.Units.Select(unit => unit.Name));
            Assert.Equal(embedding, layout.Units[0].Slots.Select(slot => slot.Name));
            Assert.All(layout.Units.Skip(1), unit => Assert.Equal(shape.BlockParameterCount, unit.Count));
            Assert.Equal(shape.ParameterCount, layout.Units.Sum(unit => unit.Count));
        }
    }

    /// <summary>The views of one block serve for every block.</summary>
    [Theory]
    [InlineData("gpt2-tiny")]
    [InlineData("bert-tiny")]
    [InlineData("roberta-tiny")]
    public void Layout_OfEveryUnit_HasContiguousSlots_AndBlocksAreAlike(string name)
    {
        var units = new ParameterLayout(ModelPresets.Get(name)).Units;
        foreach (var unit in units)
        {
            long offset = 0;
            foreach (var slot in unit.Slots)
            {
                Assert.Equal(offset, slot.Offset);
                offset += slot.Count;
            }
            Assert.Equal(unit.Count, offset);
        }
        Assert.All(units.Skip(1), unit => Assert.Equal(units[1].Slots.Select(slot => slot.Shape), unit.Slots.Select(slot => slot.Shape)));
    }
}
