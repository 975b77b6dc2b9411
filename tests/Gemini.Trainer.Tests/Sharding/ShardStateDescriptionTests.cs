using Gemini.Interfaces.Presets;
using Gemini.Trainer.Client.Checkpointing;
using Gemini.Trainer.Models;
using Gemini.Trainer.Sharding;

namespace Gemini.Trainer.Tests.Sharding;

/// <summary>A snapshot says of which model its shard is and how it is divided, so a shard of another model or of another division is not loaded.</summary>
[Collection(TorchCollection.Name)]
public sealed class ShardStateDescriptionTests : IDisposable
{
    private readonly ShardState _shard = TestShards.State(new ParameterLayout(ModelPresets.Get("gpt2-nano")), 2, 1);

    public void Dispose() => _shard.Dispose();

    [Fact]
    public void Header_HasTheModelUnitsAndCounters_AndRestoresThem()
    {
        (_shard.Step, _shard.DataPosition) = (7, 42);
        using var image = new ShardImage(_shard.Describe(), 1, 2);
        image.Stage(7);
        var (_, values) = image.Layout.ReadHeader(image.Header);
        Assert.Equal(["gpt2-nano", "13920 28272 28272", "7", "42"], values);
        (_shard.Step, _shard.DataPosition) = (0, 0);
        image.Layout.SetValues(values);
        Assert.Equal((7, 42), (_shard.Step, _shard.DataPosition));
    }

    /// <summary>Once a shard was one range of all parameters. With this model its tensors had the same names and sizes.</summary>
    [Fact]
    public void Snapshot_OfAShardThatIsOneRange_IsRefused()
    {
        var old = new TrainingState();
        foreach (var (name, tensor) in _shard.Tensors) old.Add(name, tensor);
        old.AddValue("step", 19, () => "7", _ => { }).AddValue("data_position", 19, () => "42", _ => { });
        using ShardImage oldImage = new(old, 1, 2), image = new(_shard.Describe(), 1, 2);
        oldImage.Stage(7);
        Assert.Equal(oldImage.Layout.PayloadBytes, image.Layout.PayloadBytes);
        Assert.Equal(SafetensorsLayout.OfAnotherState, Assert.Throws<InvalidDataException>(() => image.Layout.ReadHeader(oldImage.Header)).Message);
    }

    /// <summary>Its tensors have the same names and sizes.</summary>
    [Fact]
    public void Snapshot_OfAnotherModelOfTheSameSizes_IsRefused()
    {
        using var other = new ShardState("bert-nano", _shard.Layout);
        other.Step = 7;
        using ShardImage otherImage = new(other.Describe(), 1, 2), image = new(_shard.Describe(), 1, 2);
        otherImage.Stage(7);
        var (_, values) = image.Layout.ReadHeader(otherImage.Header);
        var error = Assert.Throws<InvalidDataException>(() => image.Layout.SetValues(values));
        Assert.Equal("The snapshot is of bert-nano, this model is gpt2-nano.", error.Message);
        Assert.Equal(0, _shard.Step);
    }

    [Theory]
    [InlineData("bert-nano")]
    [InlineData("roberta-nano")]
    [InlineData("gpt2-tiny")]
    public void Snapshot_OfAnotherPreset_IsRefused(string model)
    {
        using var other = TestShards.State(new ParameterLayout(ModelPresets.Get(model)), 2, 1);
        using ShardImage otherImage = new(other.Describe(), 1, 2), image = new(_shard.Describe(), 1, 2);
        otherImage.Stage(7);
        Assert.Equal(SafetensorsLayout.OfAnotherState, Assert.Throws<InvalidDataException>(() => image.Layout.ReadHeader(otherImage.Header)).Message);
    }

    [Fact]
    public void Snapshot_OfOtherUnitsOfTheSameTotal_IsRefused()
    {
        using var image = new ShardImage(_shard.Describe(), 1, 2);
        var error = Assert.Throws<InvalidDataException>(() => image.Layout.SetValues(["gpt2-nano", "13920 28273 28271", "7", "42"]));
        Assert.Equal(
            "The snapshot's shard has units of 13920 28273 28271 parameters, this model has units of 13920 28272 28272.", error.Message);
        Assert.Equal(0, _shard.Step);
    }
}
