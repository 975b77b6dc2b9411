using Gemini.Trainer.Client.Checkpointing;
using TorchSharp;
using static TorchSharp.torch;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>A tensor that is copied when Save is called.</summary>
[Collection(TorchCollection.Name)]
public sealed class StagedTorchTests
{
    [Fact]
    public void Write_ThenRead_IsTheSameInPlace()
    {
        using var live = tensor((short[])[0, 1, 2, 3, 4, 5]).reshape(2, 3);
        var staged = StagedTorch.Of("s", live, () => live);
        Assert.Equal((SafetensorsType.I16, 12L, true), (staged.Type, staged.ByteLength, staged.IsStaged));
        var bytes = new byte[12];
        staged.Write(bytes);
        Assert.Equal("000001000200030004000500", Convert.ToHexString(bytes));
        live.zero_();
        staged.Read(bytes);
        Assert.Equal([0, 1, 2, 3, 4, 5], live.data<short>().ToArray());
    }

    /// <summary>A scalar and an empty tensor have one element and none.</summary>
    [Fact]
    public void Write_ScalarAndEmpty_HaveTheirBytes()
    {
        using var scalar = tensor(258);
        using var empty = zeros(0, 4);
        StagedTensor one = StagedTorch.Of("s", scalar, () => scalar), none = StagedTorch.Of("e", empty, () => empty);
        var bytes = new byte[4];
        one.Write(bytes);
        none.Write([]);
        none.Read([]);
        Assert.Equal(("02010000", 4L, 0L), (Convert.ToHexString(bytes), one.ByteLength, none.ByteLength));
        scalar.zero_();
        one.Read(bytes);
        Assert.Equal(258, scalar.item<int>());
    }

    /// <summary>Strides, as of a transposed matrix and of every second element.</summary>
    [Fact]
    public void WriteAndRead_TensorWithStrides_AreInItsOwnOrder()
    {
        using var whole = tensor((byte[])[0, 1, 2, 3, 4, 5]).reshape(2, 3);
        using var transposed = whole.t();
        var staged = StagedTorch.Of("t", transposed, () => transposed);
        var bytes = new byte[6];
        staged.Write(bytes);
        Assert.Equal([0, 3, 1, 4, 2, 5], bytes);
        staged.Read([10, 11, 12, 13, 14, 15]);
        Assert.Equal([10, 12, 14, 11, 13, 15], whole.data<byte>().ToArray());
    }

    /// <summary>A restore into a parameter is not part of what autograd records.</summary>
    [Fact]
    public void Read_TensorThatRequiresAGradient_IsAllowed()
    {
        using var live = zeros(2, requires_grad: true);
        var staged = StagedTorch.Of("p", live, () => live);
        var bytes = new byte[8];
        BitConverter.TryWriteBytes(bytes, 1.5f);
        staged.Read(bytes);
        Assert.Equal(1.5f, live.data<float>()[0]);
        Assert.True(live.requires_grad);
        staged.Write(bytes);
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("disposed")]
    [InlineData("type")]
    [InlineData("shape")]
    public void WriteAndRead_NotTheTensorThatWasAdded_Throw(string change)
    {
        using var scope = NewDisposeScope();
        Tensor? now = zeros(2, 3);
        var staged = StagedTorch.Of("s", now, () => now);
        if (change == "disposed") now.Dispose();
        else now = change switch { "gone" => null, "type" => zeros(2, 3, dtype: ScalarType.Int32), _ => zeros(3, 2) };
        Assert.StartsWith("Tensor s was disposed, or its type or shape", Assert.Throws<InvalidOperationException>(() => staged.Write(new byte[24])).Message);
        Assert.Throws<InvalidOperationException>(() => staged.Read(new byte[24]));
    }

    [Fact]
    public void Write_NotMadeYet_IsZerosAndAReadMakesIt()
    {
        using var like = ones(2);
        Tensor? now = null;
        var staged = StagedTorch.Of("m", like, () => now, () => now = zeros(2));
        byte[] bytes = [1, 1, 1, 1, 1, 1, 1, 1];
        staged.Write(bytes);
        Assert.Equal(new byte[8], bytes);
        Assert.Null(now);
        BitConverter.TryWriteBytes(bytes, 2.5f);
        staged.Read(bytes);
        Assert.Equal([2.5f, 0], now!.data<float>().ToArray());
        now.Dispose();
    }

    [Fact]
    public void OfGenerator_StateIsOfBytesAndIsSetBack()
    {
        using var generator = new Generator(3);
        var staged = StagedTorch.OfGenerator("g", generator.get_state, generator.set_state);
        Assert.Equal((SafetensorsType.U8, 1), (staged.Type, staged.Shape.Length));
        var bytes = new byte[staged.ByteLength];
        staged.Write(bytes);
        using var first = rand(4, generator: generator);
        staged.Read(bytes);
        using var again = rand(4, generator: generator);
        using var next = rand(4, generator: generator);
        Assert.Equal(first.data<float>().ToArray(), again.data<float>().ToArray());
        Assert.NotEqual(first.data<float>().ToArray(), next.data<float>().ToArray());
    }
}
