using Gemini.Trainer.Checkpointing;
using Gemini.Trainer.Native;
using Gemini.Trainer.Sharding;
using TorchSharp;

namespace Gemini.Trainer.Tests.Checkpointing;

[Collection(TorchCollection.Name)]
public sealed class TorchStateTests
{
    public TorchStateTests() => TorchNative.Start();

    [Fact]
    public void Tensors_AreDescribedByTheirOwnMemory()
    {
        using var shard = new ShardState(new ShardLayout(1000, 2, 1));
        using var image = new ShardImage(shard.Describe(), 1, 2);
        image.Stage(1);
        var before = image.ComputeHash();
        Assert.Equal(before, image.ComputeHash());
        using var one = 1.ToScalar();
        using (torch.no_grad()) shard.ExpAvgSq.add_(one, one);
        var after = image.ComputeHash();
        Assert.NotEqual(before, after);
        using (torch.no_grad()) shard.ExpAvgSq.sub_(one);
        Assert.Equal(before, image.ComputeHash());
    }

    [Fact]
    public void Add_TensorThatIsNotContiguous_IsRefused()
    {
        using var tensor = torch.zeros(4, 4);
        using var transposed = tensor.t();
        Assert.Throws<ArgumentException>(() => new TrainingState().Add("t", transposed));
        Assert.Throws<ArgumentException>(() => new TrainingState().Add("t", tensor).Add("t", tensor));
    }
}
