using System.Buffers.Binary;
using System.Text;

namespace Gemini.Interfaces.Wire;

/// <summary>First frame of a connection, from the side that connected: the protocol and the job that it wants to talk to, and a nonce.</summary>
/// <remarks><code>
/// 0  u64 magic   8  u32 version   12  u32 zero   16  64 bytes job name, zero padded   80  32 bytes nonce
/// </code></remarks>
public static class DataPortHello
{
    public const int SizeBytes = 112;

    private const int ReservedOffset = 12;
    private const int JobNameOffset = 16;
    private const int NonceOffset = JobNameOffset + DataPortProtocol.JobNameFieldBytes;

    /// <exception cref="ArgumentException">The job name or the nonce does not fit.</exception>
    public static void Write(Span<byte> target, string job, ReadOnlySpan<byte> nonce)
    {
        if (nonce.Length != JobSecret.NonceBytes) throw new ArgumentException($"A nonce has {JobSecret.NonceBytes} bytes.", nameof(nonce));
        if (Encoding.UTF8.GetByteCount(job) >= DataPortProtocol.JobNameFieldBytes) throw new ArgumentException("The job name is too long.", nameof(job));
        target[..SizeBytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(target, DataPortProtocol.Magic);
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], DataPortProtocol.Version);
        Encoding.UTF8.GetBytes(job, target[JobNameOffset..]);
        nonce.CopyTo(target[NonceOffset..]);
    }

    /// <summary>Null if the frame is a hello of this version for this job; else what is wrong with it.</summary>
    public static string? Check(ReadOnlySpan<byte> frame, string job)
    {
        if (BinaryPrimitives.ReadUInt64LittleEndian(frame) != DataPortProtocol.Magic) return "it does not speak this protocol";
        var version = BinaryPrimitives.ReadInt32LittleEndian(frame[8..]);
        if (version != DataPortProtocol.Version) return $"it speaks version {version}, this host version {DataPortProtocol.Version}";
        if (BinaryPrimitives.ReadInt32LittleEndian(frame[ReservedOffset..]) != 0) return "its reserved field is not zero";
        Span<byte> expected = stackalloc byte[DataPortProtocol.JobNameFieldBytes];
        expected.Clear();
        Encoding.UTF8.GetBytes(job, expected);
        return frame.Slice(JobNameOffset, DataPortProtocol.JobNameFieldBytes).SequenceEqual(expected) ? null : "it belongs to another job";
    }

    public static ReadOnlySpan<byte> Nonce(ReadOnlySpan<byte> frame) => frame.Slice(NonceOffset, JobSecret.NonceBytes);
}
