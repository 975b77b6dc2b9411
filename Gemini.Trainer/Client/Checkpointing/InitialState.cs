using System.Runtime.InteropServices;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// A copy of the state before the first iteration, for a job that must start from the beginning again. Needed until the first commit: after it there
/// is a snapshot to restore.
/// </summary>
/// <remarks>Ownership: owns the copy, which is as large as a shard. The session owns the image.</remarks>
internal sealed unsafe class InitialState : IDisposable
{
    private const int ChunkBytes = SegmentLayout.DefaultChunkBytes;

    private readonly ShardImage _image;
    private readonly long _bytes;
    private byte* _copy;

    /// <summary>Copies the state as it is now. No capture may be running.</summary>
    public InitialState(ShardImage image)
    {
        (_image, _bytes) = (image, image.Layout.PayloadBytes);
        _copy = (byte*)NativeMemory.Alloc((nuint)_bytes);
        image.Stage(0);
        for (long offset = 0; offset < _bytes; offset += ChunkBytes) image.CopyOut(offset, Chunk(offset));
    }

    /// <summary>Sets the live state back to this copy, in place. No capture may be running.</summary>
    public void Restore()
    {
        _image.BeginFill();
        for (long offset = 0; offset < _bytes; offset += ChunkBytes) _image.CopyIn(offset, Chunk(offset));
        _image.Unstage(_image.Layout.ReadHeader(_image.Header).Values);
    }

    public void Dispose()
    {
        NativeMemory.Free(_copy);
        _copy = null;
    }

    private Span<byte> Chunk(long offset) => new(_copy + offset, (int)Math.Min(ChunkBytes, _bytes - offset));
}
