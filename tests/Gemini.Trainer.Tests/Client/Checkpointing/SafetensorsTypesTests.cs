using Gemini.Trainer.Client.Checkpointing;
using static TorchSharp.torch;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

public sealed class SafetensorsTypesTests
{
    /// <summary>The names are those of the format: a reader in another language finds the types by them.</summary>
    [Fact]
    public void Types_HaveTheFormatsNamesAndSizes() => Assert.Equal(
        "BOOL=1 U8=1 I8=1 I16=2 I32=4 I64=8 F16=2 BF16=2 F32=4 F64=8 C64=8",
        string.Join(' ', Enum.GetValues<SafetensorsType>().Select(type => $"{type}={type.SizeBytes()}")));

    [Theory]
    [InlineData(-1)]
    [InlineData(11)]
    [InlineData(int.MaxValue)]
    public void SizeBytes_UnknownType_Throws(int type) => Assert.Throws<ArgumentOutOfRangeException>(() => ((SafetensorsType)type).SizeBytes());

    [Theory]
    [InlineData(ScalarType.Byte, SafetensorsType.U8)]
    [InlineData(ScalarType.Int8, SafetensorsType.I8)]
    [InlineData(ScalarType.Int16, SafetensorsType.I16)]
    [InlineData(ScalarType.Int32, SafetensorsType.I32)]
    [InlineData(ScalarType.Int64, SafetensorsType.I64)]
    [InlineData(ScalarType.Float16, SafetensorsType.F16)]
    [InlineData(ScalarType.Float32, SafetensorsType.F32)]
    [InlineData(ScalarType.Float64, SafetensorsType.F64)]
    [InlineData(ScalarType.ComplexFloat32, SafetensorsType.C64)]
    [InlineData(ScalarType.Bool, SafetensorsType.BOOL)]
    [InlineData(ScalarType.BFloat16, SafetensorsType.BF16)]
    public void Of_TypeOfTheFormat_KeepsTheShape(ScalarType type, SafetensorsType expected)
    {
        long[][] shapes = [[], [0], [2, 3], [1, 0, 5]];
        foreach (var shape in shapes)
        {
            var stored = SafetensorsTypes.Of("t", type, shape);
            Assert.Equal(expected, stored.Type);
            Assert.Equal(shape, stored.Shape);
        }
    }

    /// <summary>The format has no complex type of two F64.</summary>
    [Fact]
    public void Of_ComplexOfTwoF64_HasALastDimensionOfTwo()
    {
        Assert.Equal([2], SafetensorsTypes.Of("t", ScalarType.ComplexFloat64, []).Shape);
        Assert.Equal([4, 0, 2], SafetensorsTypes.Of("t", ScalarType.ComplexFloat64, [4, 0]).Shape);
        Assert.Equal(SafetensorsType.F64, SafetensorsTypes.Of("t", ScalarType.ComplexFloat64, []).Type);
    }

    /// <summary>Every type that torch has: a type that is added later is refused and never stored as another one.</summary>
    [Fact]
    public void Of_AnyOtherType_IsRefusedWithNameAndFix()
    {
        ScalarType[] stored =
        [
            ScalarType.Byte, ScalarType.Int8, ScalarType.Int16, ScalarType.Int32, ScalarType.Int64, ScalarType.Float16, ScalarType.Float32,
            ScalarType.Float64, ScalarType.ComplexFloat32, ScalarType.ComplexFloat64, ScalarType.Bool, ScalarType.BFloat16,
        ];
        var others = Enum.GetValues<ScalarType>().Except(stored).Append((ScalarType)99).ToList();
        Assert.Contains(ScalarType.QInt8, others);
        Assert.All(others, type =>
        {
            var error = Assert.Throws<NotSupportedException>(() => SafetensorsTypes.Of("quantized", type, [1]));
            Assert.StartsWith($"Tensor quantized is of type {type}, which a snapshot cannot carry.", error.Message, StringComparison.Ordinal);
            Assert.Contains("int_repr()", error.Message, StringComparison.Ordinal);
        });
    }
}
