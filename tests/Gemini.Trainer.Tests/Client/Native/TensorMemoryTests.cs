using Gemini.Trainer.Client.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Gemini.Trainer.Tests.Client.Native;

[Collection(TorchCollection.Name)]
public sealed class TensorMemoryTests
{
    [Fact]
    public void AddressOf_PartOfATensor_IsInItsMemory()
    {
        using var whole = zeros(10, dtype: ScalarType.Int32);
        using var part = whole.narrow(0, 3, 4);
        Assert.Equal(TensorMemory.AddressOf(whole) + 12, TensorMemory.AddressOf(part));
        Assert.Equal((40L, 16L), (TensorMemory.SizeBytesOf(whole), TensorMemory.SizeBytesOf(part)));
    }

    [Fact]
    public unsafe void AddressOf_Tensor_IsWhereItsElementsAre()
    {
        using var numbers = tensor([1L, 2, 3]);
        Assert.Equal([1L, 2, 3], new ReadOnlySpan<long>((void*)TensorMemory.AddressOf(numbers), 3).ToArray());
        using var empty = zeros(0);
        Assert.Equal((0, 0L), (TensorMemory.AddressOf(empty), TensorMemory.SizeBytesOf(empty)));
    }

    [Fact]
    public void AddressOf_NotContiguousOrNotOnTheCpu_IsRefused()
    {
        using var whole = zeros(4, 4);
        using var column = whole.t();
        using var elsewhere = zeros(4, device: META);
        Assert.Equal("tensor", Assert.Throws<ArgumentException>(() => TensorMemory.AddressOf(column)).ParamName);
        Assert.Throws<ArgumentException>(() => TensorMemory.AddressOf(elsewhere));
    }

    [Theory]
    [InlineData(ScalarType.Bool, 1)]
    [InlineData(ScalarType.BFloat16, 2)]
    [InlineData(ScalarType.ComplexFloat32, 8)]
    [InlineData(ScalarType.ComplexFloat64, 16)]
    public void SizeBytesOf_AnyType_IsThatOfItsElements(ScalarType type, long elementBytes)
    {
        using var values = zeros(3, 5, dtype: type);
        Assert.Equal(15 * elementBytes, TensorMemory.SizeBytesOf(values));
    }

    /// <summary>The bits, also of numbers that compare equal or not at all.</summary>
    [Fact]
    public void CopyOutAndIn_AnyBits_StayTheSame()
    {
        using var values = zeros(4);
        byte[] bits = [0, 0, 0, 0x80, 1, 0, 0xC0, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0];
        TensorMemory.CopyIn(bits, values);
        var copy = new byte[16];
        TensorMemory.CopyOut(values, copy);
        Assert.Equal(bits, copy);
        using var strided = zeros(2, 2).t();
        TensorMemory.CopyIn(bits, strided);
        TensorMemory.CopyOut(strided, copy);
        Assert.Equal(bits, copy);
    }
}
