using System.Text;
using Gemini.Trainer.Client.Checkpointing;
using Gemini.Trainer.Client.Native;
using Gemini.Trainer.Sharding;
using TorchSharp;
using static TorchSharp.torch;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

[Collection(TorchCollection.Name)]
public sealed class TorchStateTests
{
    public TorchStateTests() => TorchNative.Start();

    public static TheoryData<ScalarType, string, string> Types => new()
    {
        { ScalarType.Bool, "BOOL", "[2,3]" },
        { ScalarType.Byte, "U8", "[2,3]" },
        { ScalarType.Int8, "I8", "[2,3]" },
        { ScalarType.Int16, "I16", "[2,3]" },
        { ScalarType.Int32, "I32", "[2,3]" },
        { ScalarType.Int64, "I64", "[2,3]" },
        { ScalarType.Float16, "F16", "[2,3]" },
        { ScalarType.BFloat16, "BF16", "[2,3]" },
        { ScalarType.Float32, "F32", "[2,3]" },
        { ScalarType.Float64, "F64", "[2,3]" },
        { ScalarType.ComplexFloat32, "C64", "[2,3]" },
        { ScalarType.ComplexFloat64, "F64", "[2,3,2]" },
    };

    [Fact]
    public void Tensors_AreDescribedByTheirOwnMemory()
    {
        using var shard = new ShardState("model", new ShardLayout([600, 400], 2, 1));
        using var image = new ShardImage(shard.Describe(), 1, 2);
        image.Stage(1);
        var before = image.ComputeHash();
        Assert.Equal(before, image.ComputeHash());
        using var one = 1.ToScalar();
        using (no_grad()) shard.ExpAvgSq.add_(one, one);
        var after = image.ComputeHash();
        Assert.NotEqual(before, after);
        using (no_grad()) shard.ExpAvgSq.sub_(one);
        Assert.Equal(before, image.ComputeHash());
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Add_AnyType_KeepsTypeShapeAndBits(ScalarType type, string stored, string shape)
    {
        using var noise = randn(2, 3, dtype: ScalarType.Float32);
        using var located = noise.to(type);
        using var staged = located.clone();
        using var expected = located.clone();
        using var image = new ShardImage(new TrainingState().Add("located", located).AddStaged("staged", staged), 0, 1);
        var payload = image.Save(1);
        var header = Encoding.UTF8.GetString(image.Header);
        Assert.Contains($"\"located\":{{\"dtype\":\"{stored}\",\"shape\":{shape}", header);
        Assert.Contains($"\"staged\":{{\"dtype\":\"{stored}\",\"shape\":{shape}", header);
        located.zero_();
        staged.zero_();
        image.Restore(payload);
        Assert.Equal(expected.bytes.ToArray(), located.bytes.ToArray());
        Assert.Equal(expected.bytes.ToArray(), staged.bytes.ToArray());
    }

    [Fact]
    public void Add_EmptyAndScalarTensors_ComeBack()
    {
        using var empty = zeros(0, 3);
        using var scalar = tensor(5L);
        using var last = zeros(0, dtype: ScalarType.Bool);
        using var image = new ShardImage(new TrainingState().Add("empty", empty).Add("scalar", scalar).AddStaged("last", last), 0, 1);
        var payload = image.Save(1);
        scalar.zero_();
        image.Restore(payload);
        Assert.Equal(5, scalar.item<long>());
        Assert.Contains("\"empty\":{\"dtype\":\"F32\",\"shape\":[0,3]", Encoding.UTF8.GetString(image.Header));
    }

    [Fact]
    public void Add_TwoHandlesOfOneMemory_IsStoredOnceAndTheOtherIsNamed()
    {
        using var weight = ones(4, 4);
        using var tied = weight.alias();
        var state = new TrainingState().Add("embedding.weight", weight).Add("head.weight", tied);
        Assert.Equal("embedding.weight", Assert.Single(state.Tensors).Name);
        using var image = new ShardImage(state, 0, 1);
        image.Stage(1);
        Assert.Contains("\"head.weight\":\"embedding.weight\"", Encoding.UTF8.GetString(image.Header));
        using var other = zeros(4, 4);
        tied.set_(other);
        Assert.Contains("head.weight", Assert.Throws<InvalidOperationException>(() => image.Stage(2)).Message);
    }

    [Fact]
    public void Add_TensorThatIsNotContiguous_IsRefusedWithTheFix()
    {
        using var tensor = zeros(4, 4);
        using var transposed = tensor.t();
        Assert.Contains("contiguous()", Assert.Throws<ArgumentException>(() => new TrainingState().Add("t", transposed)).Message);
        Assert.Throws<ArgumentException>(() => new TrainingState().Add("t", tensor).Add("t", tensor));
    }

    [Fact]
    public void Add_TensorOnAnotherDevice_IsRefusedWithTheFix()
    {
        using var tensor = zeros(4, device: META);
        Assert.Contains("AddStaged", Assert.Throws<ArgumentException>(() => new TrainingState().Add("t", tensor)).Message);
    }

    [Fact]
    public void AddStaged_TensorThatIsNotContiguous_KeepsItsValues()
    {
        using var tensor = randn(2, 3);
        using var transposed = tensor.t();
        using var image = new ShardImage(new TrainingState().AddStaged("t", transposed), 0, 1);
        var payload = image.Save(1);
        using (var before = tensor.clone())
        {
            tensor.zero_();
            image.Restore(payload);
            Assert.Equal(before.bytes.ToArray(), tensor.bytes.ToArray());
        }
    }

    [Fact]
    public void AddStaged_ChangedAfterTheSave_IsSavedAsItWas()
    {
        using var statistics = ones(3);
        using var image = new ShardImage(new TrainingState().AddStaged("statistics", statistics), 0, 1);
        image.Stage(1);
        statistics.zero_();
        var payload = image.Payload();
        image.Restore(payload);
        Assert.Equal([1f, 1f, 1f], statistics.data<float>().ToArray());
    }

    [Fact]
    public void AddGenerator_GoesOnWhereItWas()
    {
        using var generator = new Generator(7);
        using var image = new ShardImage(new TrainingState().AddGenerator("shuffle", generator), 0, 1);
        var payload = image.Save(1);
        using var first = randperm(100, generator: generator);
        image.Restore(payload);
        using var second = randperm(100, generator: generator);
        Assert.Equal(first.data<long>().ToArray(), second.data<long>().ToArray());
    }

    [Fact]
    public void Stage_TensorIsNoLongerWhatWasAdded_SaysHow()
    {
        using var disposed = zeros(3);
        using var resized = zeros(3);
        using var larger = zeros(5000);
        using var moved = zeros(3);
        using var other = ones(3);
        (string Name, Tensor Tensor, Action Break)[] cases =
        [
            ("disposed", disposed, disposed.Dispose), ("resized", resized, () => resized.set_(larger)), ("moved", moved, () => moved.set_(other)),
        ];
        foreach (var (name, tensor, breaks) in cases)
        {
            using var image = new ShardImage(new TrainingState().Add(name, tensor), 0, 1);
            image.Stage(1);
            breaks();
            Assert.Contains($"Tensor {name} is not the one", Assert.Throws<InvalidOperationException>(() => image.Stage(2)).Message);
        }
    }

    [Fact]
    public void CopyOut_TensorWasDisposedAfterTheSave_ReadsWhatItWas()
    {
        var weights = ones(1 << 20);
        using var image = new ShardImage(new TrainingState().Add("weights", weights), 0, 1);
        var before = image.Save(1);
        weights.Dispose();
        using var taken = zeros(1 << 20);
        var after = new byte[before.Length];
        image.CopyOut(0, after);
        Assert.Equal(before, after);
    }
}
