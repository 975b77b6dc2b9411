using System.Buffers.Binary;
using System.Net.Sockets;
using Gemini.Interfaces.Wire;

namespace Gemini.Trainer.Client.Collectives;

/// <summary>How a rank (the connector) and its successor (the acceptor) check each other.</summary>
/// <remarks>
/// <code>
/// connector → acceptor   hello    magic, version, world size, rank, epoch, nonce
/// acceptor  → connector  answer   verdict, nonce, proof("acceptor", hello, nonce)
/// connector → acceptor   proof    proof("connector", hello, nonce)
/// acceptor  → connector  verdict
/// </code>
/// <see cref="MutualProof"/> makes the proofs. The nonces make recorded proofs useless. Because of the role, a side never accepts its own proof sent
/// back. Because the proof covers the hello, it is valid only for this epoch and rank. All integers are little-endian.
/// </remarks>
internal static class RingHandshake
{
    private const ulong Magic = 0x474E4952_494D4547; // "GEMIRING"
    private const uint Version = 1;
    private const int NonceOffset = 28;
    private const int HelloSizeBytes = NonceOffset + JobSecret.NonceBytes;
    private const int AnswerSizeBytes = 1 + JobSecret.NonceBytes + JobSecret.ProofBytes;

    /// <summary>The acceptor's decision about a connection.</summary>
    public enum Verdict : byte
    {
        /// <summary>Not a ring peer of this version, or its connection ended before the handshake did.</summary>
        Malformed,
        WrongEpoch,
        WrongRank,
        WrongSecret,
        Accepted,
    }

    /// <summary>The connector's side.</summary>
    /// <exception cref="SocketException">The peer closed the connection.</exception>
    public static async Task<Verdict> ProposeAsync(Socket socket, RingIdentity self, CancellationToken ct)
    {
        var hello = HelloOf(self);
        await SendAsync(socket, hello, ct);
        var answer = await ReceiveAsync(socket, AnswerSizeBytes, ct);
        if ((Verdict)answer[0] != Verdict.Accepted) return (Verdict)answer[0];

        var proof = MutualProof.OfRing(self.Secret);
        var nonce = answer[1..(1 + JobSecret.NonceBytes)];
        if (!proof.IsProof(answer.AsSpan(1 + JobSecret.NonceBytes), HandshakeRole.Server, hello, nonce)) return Verdict.WrongSecret;
        await SendAsync(socket, proof.Prove(HandshakeRole.Client, hello, nonce), ct);
        return (Verdict)(await ReceiveAsync(socket, 1, ct))[0];
    }

    /// <summary>The acceptor's side.</summary>
    /// <exception cref="SocketException">The peer closed the connection.</exception>
    public static async Task<Verdict> AnswerAsync(Socket socket, RingIdentity self, CancellationToken ct)
    {
        var hello = await ReceiveAsync(socket, HelloSizeBytes, ct);
        var answer = new byte[AnswerSizeBytes];
        var verdict = Judge(hello, self);
        answer[0] = (byte)verdict;
        if (verdict != Verdict.Accepted)
        {
            await SendAsync(socket, answer, ct);
            return verdict;
        }

        var proof = MutualProof.OfRing(self.Secret);
        var nonce = MutualProof.NewNonce();
        nonce.CopyTo(answer, 1);
        proof.Prove(HandshakeRole.Server, hello, nonce).CopyTo(answer, 1 + JobSecret.NonceBytes);
        await SendAsync(socket, answer, ct);
        var received = await ReceiveAsync(socket, JobSecret.ProofBytes, ct);
        if (!proof.IsProof(received, HandshakeRole.Client, hello, nonce)) verdict = Verdict.WrongSecret;
        await SendAsync(socket, new[] { (byte)verdict }, ct);
        return verdict;
    }

    private static byte[] HelloOf(RingIdentity self)
    {
        var hello = new byte[HelloSizeBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(hello, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(hello.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(hello.AsSpan(12), self.WorldSize);
        BinaryPrimitives.WriteInt32LittleEndian(hello.AsSpan(16), self.Rank);
        BinaryPrimitives.WriteInt64LittleEndian(hello.AsSpan(20), self.Epoch);
        MutualProof.NewNonce().CopyTo(hello, NonceOffset);
        return hello;
    }

    private static Verdict Judge(ReadOnlySpan<byte> hello, RingIdentity self)
    {
        if (BinaryPrimitives.ReadUInt64LittleEndian(hello) != Magic) return Verdict.Malformed;
        if (BinaryPrimitives.ReadUInt32LittleEndian(hello[8..]) != Version) return Verdict.Malformed;
        if (BinaryPrimitives.ReadInt64LittleEndian(hello[20..]) != self.Epoch) return Verdict.WrongEpoch;
        var isPrevious = BinaryPrimitives.ReadInt32LittleEndian(hello[12..]) == self.WorldSize
            && BinaryPrimitives.ReadInt32LittleEndian(hello[16..]) == self.Previous;
        return isPrevious ? Verdict.Accepted : Verdict.WrongRank;
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> data, CancellationToken ct)
    {
        // A few bytes always fit into the send buffer of a new connection, so one call sends them all.
        if (await socket.SendAsync(data, ct) != data.Length) throw new SocketException((int)SocketError.ConnectionAborted);
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int sizeBytes, CancellationToken ct)
    {
        var data = new byte[sizeBytes];
        for (var received = 0; received < sizeBytes;)
        {
            var count = await socket.ReceiveAsync(data.AsMemory(received), ct);
            if (count == 0) throw new SocketException((int)SocketError.ConnectionReset);
            received += count;
        }
        return data;
    }
}
