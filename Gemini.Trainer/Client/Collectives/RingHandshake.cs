using System.Buffers.Binary;
using System.Net;
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
/// <para>The calls block a thread of their own, and the socket must not have been used asynchronously before. .NET would watch such a socket for ever:
/// it would wake two threads whenever bytes of a collective arrive, although the ring itself waits for them.</para>
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

    /// <summary>The connector's side: connects, and then proves itself.</summary>
    /// <param name="socket">Not connected. It is disposed if the token is cancelled.</param>
    /// <param name="endpoint">Where the acceptor listens.</param>
    /// <param name="self">Who this rank is.</param>
    /// <param name="ct">Ends the handshake.</param>
    /// <exception cref="SocketException">The peer does not listen, or closed the connection.</exception>
    public static Task<Verdict> ConnectAsync(Socket socket, EndPoint endpoint, RingIdentity self, CancellationToken ct) => OnThreadAsync(
        socket,
        () =>
        {
            socket.Connect(endpoint);
            return Propose(socket, self);
        },
        ct);

    /// <summary>The connector's side on a socket that is connected already. It is disposed if the token is cancelled.</summary>
    /// <exception cref="SocketException">The peer closed the connection.</exception>
    public static Task<Verdict> ProposeAsync(Socket socket, RingIdentity self, CancellationToken ct) =>
        OnThreadAsync(socket, () => Propose(socket, self), ct);

    /// <summary>The acceptor's side.</summary>
    /// <param name="socket">Connected. It is disposed if the token is cancelled.</param>
    /// <param name="self">Who this rank is.</param>
    /// <param name="ct">Ends the handshake.</param>
    /// <exception cref="SocketException">The peer closed the connection.</exception>
    public static Task<Verdict> AnswerAsync(Socket socket, RingIdentity self, CancellationToken ct) =>
        OnThreadAsync(socket, () => Answer(socket, self), ct);

    /// <summary>Runs blocking calls on a thread of their own. Only the socket's end can interrupt them.</summary>
    private static async Task<Verdict> OnThreadAsync(Socket socket, Func<Verdict> handshake, CancellationToken ct)
    {
        try
        {
            await using var end = ct.Register(socket.Dispose);
            return await Task.Factory.StartNew(
                handshake, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
        }
        finally
        {
            // Whatever the verdict, or the error, it is that of a socket which is disposed now.
            ct.ThrowIfCancellationRequested();
        }
    }

    private static Verdict Propose(Socket socket, RingIdentity self)
    {
        var hello = HelloOf(self);
        Send(socket, hello);
        var answer = Receive(socket, AnswerSizeBytes);
        if ((Verdict)answer[0] != Verdict.Accepted) return (Verdict)answer[0];

        var proof = MutualProof.OfRing(self.Secret);
        var nonce = answer[1..(1 + JobSecret.NonceBytes)];
        if (!proof.IsProof(answer.AsSpan(1 + JobSecret.NonceBytes), HandshakeRole.Server, hello, nonce)) return Verdict.WrongSecret;
        Send(socket, proof.Prove(HandshakeRole.Client, hello, nonce));
        return (Verdict)Receive(socket, 1)[0];
    }

    private static Verdict Answer(Socket socket, RingIdentity self)
    {
        var hello = Receive(socket, HelloSizeBytes);
        var answer = new byte[AnswerSizeBytes];
        var verdict = Judge(hello, self);
        answer[0] = (byte)verdict;
        if (verdict != Verdict.Accepted)
        {
            Send(socket, answer);
            return verdict;
        }

        var proof = MutualProof.OfRing(self.Secret);
        var nonce = MutualProof.NewNonce();
        nonce.CopyTo(answer, 1);
        proof.Prove(HandshakeRole.Server, hello, nonce).CopyTo(answer, 1 + JobSecret.NonceBytes);
        Send(socket, answer);
        var received = Receive(socket, JobSecret.ProofBytes);
        if (!proof.IsProof(received, HandshakeRole.Client, hello, nonce)) verdict = Verdict.WrongSecret;
        Send(socket, [(byte)verdict]);
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

    private static void Send(Socket socket, ReadOnlySpan<byte> data)
    {
        // A few bytes always fit into the send buffer of a new connection, so one call sends them all.
        if (socket.Send(data) != data.Length) throw new SocketException((int)SocketError.ConnectionAborted);
    }

    private static byte[] Receive(Socket socket, int sizeBytes)
    {
        var data = new byte[sizeBytes];
        for (var received = 0; received < sizeBytes;)
        {
            var count = socket.Receive(data.AsSpan(received));
            if (count == 0) throw new SocketException((int)SocketError.ConnectionReset);
            received += count;
        }
        return data;
    }
}
