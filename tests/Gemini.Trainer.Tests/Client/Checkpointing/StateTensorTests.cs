using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>What a user may add to a training state, and in which order it is stored.</summary>
public sealed unsafe class StateTensorTests
{
    [Theory]
    [InlineData(SafetensorsType.F32, 4)]
    [InlineData(SafetensorsType.BOOL, 1)]
    [InlineData(SafetensorsType.C64, 8)]
    [InlineData(SafetensorsType.F32, 0, 0)]
    [InlineData(SafetensorsType.F32, 0, 5, 0, 7)]
    [InlineData(SafetensorsType.I64, 48, 2, 3)]
    [InlineData(SafetensorsType.U8, 1L << 40, 1 << 20, 1 << 20)]
    public void ByteLength_IsThatOfAllElements(SafetensorsType type, long bytes, params int[] shape)
    {
        var tensor = new MemoryTensor("t", type, [.. shape.Select(dimension => (long)dimension)], 4096);
        Assert.Equal((bytes, type, shape.Length, false), (tensor.ByteLength, tensor.Type, tensor.Shape.Length, tensor.IsStaged));
    }

    [Fact]
    public void ByteLength_MoreThanANumberHolds_Throws()
    {
        Assert.Throws<OverflowException>(() => new MemoryTensor("t", SafetensorsType.U8, [long.MaxValue, 2], 4096));
        Assert.Throws<OverflowException>(() => new MemoryTensor("t", SafetensorsType.I64, [1L << 60], 4096));
        Assert.Equal(long.MaxValue, new MemoryTensor("t", SafetensorsType.U8, [long.MaxValue], 4096).ByteLength);
    }

    /// <summary>The caller's array may change afterwards.</summary>
    [Fact]
    public void Shape_CallersArrayChanges_StaysTheSame()
    {
        long[] shape = [2, 3];
        var tensor = new MemoryTensor("t", SafetensorsType.U8, shape, 4096);
        shape[0] = 9;
        Assert.Equal([2, 3], tensor.Shape);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(24)]
    public void Add_SizeDiffersFromTheShape_IsRefusedWithBoth(long bytes)
    {
        var error = Assert.Throws<ArgumentException>(() => new TrainingState().Add("t", SafetensorsType.U8, [2, 3], 4096, bytes));
        Assert.StartsWith($"Tensor t: 6 elements of U8 are not {bytes} bytes.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_NoMemory_IsRefusedUnlessItIsEmpty()
    {
        Assert.Equal("address", Assert.Throws<ArgumentException>(() => new TrainingState().Add("t", SafetensorsType.U8, [1], 0, 1)).ParamName);
        Assert.Single(new TrainingState().Add("t", SafetensorsType.U8, [0], 0, 0).Tensors);
    }

    /// <summary>Readers that map the file need each tensor at a multiple of its element size.</summary>
    [Fact]
    public void Tensors_AnyOrder_AreStoredByElementSizeAndThenAsAdded()
    {
        var memory = stackalloc byte[64];
        var state = new TrainingState()
            .Add("bytes", SafetensorsType.U8, [3], (nint)memory, 3)
            .Add("halves", SafetensorsType.BF16, [1], (nint)memory + 4, 2)
            .AddBuffer("buffer", 5, _ => { }, _ => { })
            .Add("longs", SafetensorsType.I64, [1], (nint)memory + 8, 8)
            .Add("floats", SafetensorsType.F32, [1], (nint)memory + 16, 4)
            .Add("complex", SafetensorsType.C64, [1], (nint)memory + 24, 8)
            .Add("ints", SafetensorsType.I32, [1], (nint)memory + 32, 4);
        Assert.Equal(["longs", "complex", "floats", "ints", "halves", "bytes", "buffer"], state.Tensors.Select(tensor => tensor.Name));
    }

    /// <summary>Two names of one memory are stored once. A part of it, or an empty tensor, is another tensor.</summary>
    [Fact]
    public void Add_SameMemoryTwice_IsATiedTensor()
    {
        var memory = stackalloc byte[16];
        var state = new TrainingState()
            .Add("one", SafetensorsType.U8, [16], (nint)memory, 16)
            .Add("same", SafetensorsType.F32, [4], (nint)memory, 16)
            .Add("part", SafetensorsType.U8, [8], (nint)memory, 8)
            .Add("empty", SafetensorsType.U8, [0], 0, 0)
            .Add("alsoEmpty", SafetensorsType.U8, [0], 0, 0);
        Assert.Equal(("same", "one"), Assert.Single(state.Aliases));
        Assert.Equal(["one", "part", "empty", "alsoEmpty"], state.Tensors.Select(tensor => tensor.Name));
    }

    [Fact]
    public void Names_TakenReservedOrEmpty_AreRefused()
    {
        var state = new TrainingState().AddBuffer("taken", 1, _ => { }, _ => { }).AddValue("taken", 1, () => "", _ => { });
        Assert.Contains("already has a taken", Assert.Throws<ArgumentException>(() => state.AddBuffer("taken", 1, _ => { }, _ => { })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => state.AddValue("taken", 1, () => "", _ => { }));
        foreach (var reserved in (string[])["format", "gemini.rank", "gemini.iteration", "gemini."])
            Assert.Contains("is reserved", Assert.Throws<ArgumentException>(() => state.AddValue(reserved, 1, () => "", _ => { })).Message, StringComparison.Ordinal);
        Assert.Contains("is reserved", Assert.Throws<ArgumentException>(() => state.AddBuffer("__metadata__", 1, _ => { }, _ => { })).Message, StringComparison.Ordinal);
        foreach (var empty in (string[])["", " ", "\t"]) Assert.Throws<ArgumentException>(() => state.AddBuffer(empty, 1, _ => { }, _ => { }));
        Assert.Equal((1, 1), (state.Tensors.Count(), state.Values.Count));
    }

    [Fact]
    public void AddBufferAndAddValue_WrongArguments_AreRefused()
    {
        var state = new TrainingState();
        foreach (var size in (int[])[0, -1, int.MinValue])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => state.AddBuffer("b", size, _ => { }, _ => { }));
            Assert.Throws<ArgumentOutOfRangeException>(() => state.AddValue("v", size, () => "", _ => { }));
        }

        Assert.Throws<ArgumentNullException>(() => state.AddBuffer("b", 1, null!, _ => { }));
        Assert.Throws<ArgumentNullException>(() => state.AddBuffer("b", 1, _ => { }, null!));
        Assert.Throws<ArgumentNullException>(() => state.AddValue("v", 1, null!, _ => { }));
        Assert.Throws<ArgumentNullException>(() => state.AddValue("v", 1, () => "", null!));
        Assert.Throws<ArgumentNullException>(() => state.Add("t", null!));
        Assert.Throws<ArgumentNullException>(() => state.AddStaged("t", null!));
        Assert.Throws<ArgumentNullException>(() => state.AddGenerator("g", null!));
        Assert.Throws<ArgumentNullException>(() => state.Track(null!));
        // A refused name is not taken.
        Assert.Single(state.AddBuffer("b", 1, _ => { }, _ => { }).Tensors);
    }

    [Fact]
    public void Layout_NothingToStore_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => SafetensorsLayout.Create(new TrainingState(), 0, 1));
        Assert.Throws<ArgumentException>(() => SafetensorsLayout.Create(new TrainingState().AddValue("v", 1, () => "", _ => { }), 0, 1));
    }
}
