using System.Security.Cryptography;
using System.Text;

namespace Gemini.Interfaces.Wire;

/// <summary>
/// How the two sides of a connection prove to each other that they know the job's secret, without sending it: each sends <c>HMAC-SHA256(secret, label
/// ‖ challenge)</c>. The label names the protocol and the side. In the handshakes the challenge contains a new nonce of the side that checks, so a
/// recorded proof is useless. The liveness question has no such nonce; <c>WIRE.md</c> says why a repeated question reveals nothing.
/// </summary>
/// <remarks>
/// No label of one protocol or side begins with the label of another. So a proof for one protocol is invalid in every other, and a side never accepts
/// its own proof sent back.
/// </remarks>
public sealed class MutualProof
{
    private readonly JobSecret _secret;
    private readonly byte[] _client;
    private readonly byte[] _server;

    private MutualProof(JobSecret secret, ReadOnlySpan<byte> client, ReadOnlySpan<byte> server) =>
        (_secret, _client, _server) = (secret, client.ToArray(), server.ToArray());

    /// <summary>Of the data port's protocol.</summary>
    /// <param name="secret">Of the job.</param>
    /// <param name="job">Its name: jobs that share a secret do not accept each other's proofs.</param>
    public static MutualProof OfDataPort(JobSecret secret, string job) => OfContext(secret, DataPortProtocol.ProofContext(job));

    /// <summary>Of <see cref="LivenessProtocol"/>.</summary>
    /// <param name="secret">Of the job.</param>
    /// <param name="identity">Of the process that is asked.</param>
    public static MutualProof OfLiveness(JobSecret secret, string identity) => OfContext(secret, $"gemini-liveness/2/{identity}");

    /// <summary>Of the ring between trainers; its challenges name the ring, the epoch and the rank.</summary>
    public static MutualProof OfRing(JobSecret secret) => new(secret, "connector"u8, "acceptor"u8);

    /// <summary>Random bytes that one side adds to a challenge, new for every connection.</summary>
    public static byte[] NewNonce() => RandomNumberGenerator.GetBytes(JobSecret.NonceBytes);

    /// <summary>The proof that this side sends, <see cref="JobSecret.ProofBytes"/> bytes.</summary>
    /// <param name="side">The side that proves itself.</param>
    /// <param name="first">The challenge's first part, in the order that the protocol gives; of a length that the protocol fixes.</param>
    /// <param name="second">The rest of the challenge, also of a fixed length.</param>
    public byte[] Prove(HandshakeRole side, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) =>
        _secret.Authenticate(side == HandshakeRole.Client ? _client : _server, first, second);

    /// <summary>Whether this is that side's proof for this challenge. Takes the same time for every wrong proof of the right length.</summary>
    public bool IsProof(ReadOnlySpan<byte> proof, HandshakeRole side, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) =>
        CryptographicOperations.FixedTimeEquals(proof, Prove(side, first, second));

    private static MutualProof OfContext(JobSecret secret, string context)
    {
        var text = Encoding.UTF8.GetBytes(context);
        return new(secret, [(byte)HandshakeRole.Client, .. text], [(byte)HandshakeRole.Server, .. text]);
    }
}
