using Gemini.Trainer.Client.Checkpointing;
using Gemini.Trainer.Client.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>A tensor that captures read in place: which changes are allowed, and what each forbidden one is called.</summary>
[Collection(TorchCollection.Name)]
public sealed class TorchTensorTests
{
    [Fact]
    public void Locate_SameTensor_IsItsAddressEachTime()
    {
        using var weights = zeros(5);
        var tensor = TorchTensor.InPlace("w", () => weights);
        Assert.Equal((TensorMemory.AddressOf(weights), SafetensorsType.F32, 20L, false), (tensor.Locate(), tensor.Type, tensor.ByteLength, tensor.IsStaged));
        using var seven = 7f.ToScalar();
        weights.fill_(seven);
        Assert.Equal(TensorMemory.AddressOf(weights), tensor.Locate());
    }

    [Fact]
    public void Locate_AnotherHandleOfTheSameMemory_IsAllowed()
    {
        using var weights = zeros(5);
        using var alias = weights.alias();
        var now = weights;
        var tensor = TorchTensor.InPlace("w", () => now);
        var address = tensor.Locate();
        now = alias;
        Assert.Equal(address, tensor.Locate());
    }

    public static TheoryData<string, string> Changes => new()
    {
        { "gone", "it is no longer there" },
        { "disposed", "it was disposed; a module that is moved or converted makes new tensors" },
        { "another type", "its type was Float32 and is Int32" },
        { "another shape", "its shape was [2,3] and is [3,2]" },
        { "one more dimension", "its shape was [2,3] and is [2,3,1]" },
        { "another device", "it is on META now" },
        { "not contiguous", "it is no longer contiguous" },
        { "moved", "its memory has moved" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Locate_NotTheTensorThatWasAdded_SaysHow(string change, string how)
    {
        using var scope = NewDisposeScope();
        Tensor? now = zeros(2, 3);
        var tensor = TorchTensor.InPlace("w", () => now);
        tensor.Locate();
        var first = now;
        now = change switch
        {
            "gone" => null,
            "another type" => zeros(2, 3, dtype: ScalarType.Int32),
            "another shape" => zeros(3, 2),
            "one more dimension" => zeros(2, 3, 1),
            "another device" => zeros(2, 3, device: META),
            "not contiguous" => zeros(3, 2).t(),
            "moved" => zeros(2, 3),
            _ => now,
        };
        if (change == "disposed") first.Dispose();

        var error = Assert.Throws<InvalidOperationException>(() => tensor.Locate());
        Assert.StartsWith($"Tensor w is not the one that was added to the training state: {how}. ", error.Message, StringComparison.Ordinal);
    }

    /// <summary>An optimizer's step may make new moments. The old memory stays as long as a capture may read it.</summary>
    [Fact]
    public void Locate_OptimizersTensorIsReplaced_IsTheNewOne()
    {
        using var parameter = zeros(3);
        var now = ones(3);
        var tensor = TorchTensor.OfOptimizer("m", parameter, () => now, make: null);
        Assert.Equal(TensorMemory.AddressOf(now), tensor.Locate());
        now.Dispose();
        now = zeros(3);
        Assert.Equal(TensorMemory.AddressOf(now), tensor.Locate());
        now.Dispose();
    }

    /// <summary>Moments that the first step makes: zero bytes before that, and made before a restore fills them.</summary>
    [Fact]
    public void Locate_OptimizersTensorIsNotMadeYet_HasNoMemoryUntilItIsMade()
    {
        using var parameter = zeros(3);
        Tensor? now = null;
        var made = 0;
        var tensor = TorchTensor.OfOptimizer("m", parameter, () => now, () =>
        {
            made++;
            now = zeros(3);
        });
        Assert.Equal((0, 12L, SafetensorsType.F32), (tensor.Locate(), tensor.ByteLength, tensor.Type));
        tensor.Materialise();
        tensor.Materialise();
        Assert.Equal(1, made);
        Assert.Equal(TensorMemory.AddressOf(now!), tensor.Locate());
        now!.Dispose();
        now = null;
        Assert.Equal(0, tensor.Locate());
    }

    [Fact]
    public void Materialise_TensorThatAlwaysExists_DoesNothing()
    {
        using var weights = zeros(3);
        var tensor = TorchTensor.InPlace("w", () => weights);
        var address = tensor.Locate();
        tensor.Materialise();
        Assert.Equal(address, tensor.Locate());
    }

    [Fact]
    public void InPlace_NoTensor_IsRefused() =>
        Assert.StartsWith("There is no tensor w.", Assert.Throws<ArgumentException>(() => TorchTensor.InPlace("w", () => null)).Message, StringComparison.Ordinal);

    [Fact]
    public void InPlace_QuantizedTensor_IsRefused()
    {
        using var weights = randn(4, 4);
        using var quantized = quantize_per_tensor(weights, 0.1, 0, ScalarType.QInt8);
        Assert.Throws<NotSupportedException>(() => TorchTensor.InPlace("q", () => quantized));
        Assert.Throws<NotSupportedException>(() => StagedTorch.Of("q", quantized, () => quantized));
    }

    [Fact]
    public void InPlace_EmptyTensor_HasNoMemory()
    {
        using var empty = zeros(0, 3);
        var tensor = TorchTensor.InPlace("e", () => empty);
        Assert.Equal((0, 0L), (tensor.Locate(), tensor.ByteLength));
    }
}
