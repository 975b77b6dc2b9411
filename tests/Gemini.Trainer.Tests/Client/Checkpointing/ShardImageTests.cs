using System.IO.Hashing;
using CsCheck;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>The payload in pieces of any size, over tensors of any size.</summary>
public sealed class ShardImageTests
{
    [Fact]
    public void CopyOut_InAnyPieces_IsTheWholeAndItsHashes() => Gen.Select(Gen.Int[1, 400], Gen.Int[1, 900].Array[1, 20]).Sample((elements, pieces) =>
    {
        using var state = new TestState(elements);
        state.Set(3);
        using var image = new ShardImage(state.State, 1, 4);
        image.Stage(3);
        var whole = image.Payload();
        var copy = new byte[whole.Length];
        for (int offset = 0, turn = 0; offset < copy.Length; turn++)
        {
            var piece = copy.AsSpan(offset, Math.Min(pieces[turn % pieces.Length], copy.Length - offset));
            var hash = image.CopyOut(offset, piece);
            Assert.Equal(XxHash3.HashToUInt64(piece), hash);
            offset += piece.Length;
        }

        Assert.Equal(whole, copy);
    }, iter: 30);

    [Fact]
    public void CopyIn_InAnyPieces_RestoresTheState() => Gen.Select(Gen.Int[1, 400], Gen.Int[1, 900].Array[1, 20]).Sample((elements, pieces) =>
    {
        using var state = new TestState(elements);
        state.Set(3);
        using var image = new ShardImage(state.State, 1, 4);
        image.Stage(3);
        var whole = image.Payload();
        state.Set(8);
        image.BeginFill();
        for (int offset = 0, turn = 0; offset < whole.Length; turn++)
        {
            var size = Math.Min(pieces[turn % pieces.Length], whole.Length - offset);
            image.CopyIn(offset, whole.AsSpan(offset, size));
            offset += size;
        }

        image.Unstage(image.Layout.ReadHeader(image.Header).Values);
        state.AssertIs(3);
    }, iter: 30);

    /// <summary>Staged content is as of the save, and content that is read in place as of the copy.</summary>
    [Fact]
    public void Stage_StateChangesAfterwards_StagedContentStaysAsItWas()
    {
        using var state = new TestState(10);
        state.Set(3);
        using var image = new ShardImage(state.State, 1, 4);
        image.Stage(3);
        var before = image.Payload();
        state.Set(4);
        image.BeginFill();
        var after = image.Payload();
        Assert.Equal(before[..image.Layout.HeaderBytes], after[..image.Layout.HeaderBytes]);
        Assert.Equal(before[^17..], after[^17..]);
        Assert.NotEqual(before, after);
    }

    [Fact]
    public void ComputeHash_AnyChunkSize_IsThatOfItsChunks()
    {
        using var state = new TestState(1000);
        state.Set(3);
        using var image = new ShardImage(state.State, 1, 4);
        image.Stage(3);
        var whole = image.Payload();
        foreach (var chunkBytes in (int[])[1, 1000, 4096, whole.Length - 1, whole.Length, whole.Length + 1])
        {
            byte[] table = [.. whole.Chunk(chunkBytes).SelectMany(chunk => BitConverter.GetBytes(XxHash3.HashToUInt64(chunk)))];
            Assert.Equal(XxHash3.HashToUInt64(table), image.ComputeHash(chunkBytes).Value);
        }
    }

    /// <summary>The check of a user's loop: which tensors changed while they were captured.</summary>
    [Fact]
    public void ChangedSince_TensorsThatAreReadInPlace_AreNamed()
    {
        using var state = new TestState(10);
        state.Set(3);
        using var image = new ShardImage(state.State, 1, 4);
        image.Stage(3);
        var hashes = image.HashTensors();
        Assert.Empty(image.ChangedSince(hashes));
        Array.Fill(state.Rng, (byte)99);
        state.Note = "other";
        Assert.Empty(image.ChangedSince(hashes));
        state.SetWeight(9, -1);
        Assert.Equal(["weights"], image.ChangedSince(hashes));
        state.Set(4);
        Assert.Equal(["counts", "weights"], image.ChangedSince(hashes).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Dispose_Twice_IsAllowed()
    {
        using var state = new TestState(10);
        var image = new ShardImage(state.State, 1, 4);
        image.Dispose();
        image.Dispose();
    }
}
