using System.Buffers.Binary;
using System.Net;

namespace Gemini.Interfaces.Wire;

/// <summary>
/// Asks a trainer directly, without its silo, whether it lives: one question of fixed size on a TCP connection, one answer, then the connection ends.
/// Question and answer prove that the sender knows the job's secret, and are valid for one trainer process only. The answer is valid for this
/// question only. See <c>WIRE.md</c>.
/// </summary>
public static class LivenessProtocol
{
    public const int QuestionBytes = ProofOffset + JobSecret.ProofBytes;
    public const int AnswerBytes = JobSecret.NonceBytes + JobSecret.ProofBytes;

    private const ulong Magic = 0x3245_5649_4C4D_4547; // "GEMLIVE2"
    private const int NonceOffset = sizeof(ulong);
    private const int ProofOffset = NonceOffset + JobSecret.NonceBytes;

    private static readonly LivenessState[] States = Enum.GetValues<LivenessState>();

    /// <summary>Where a trainer answers, as one text: "address:port/identity". Only the asking side parses it.</summary>
    /// <param name="endpoint">Where it listens.</param>
    /// <param name="identity">New for every process, so that a later process at the same port is not mistaken for this one.</param>
    public static string Address(EndPoint endpoint, string identity) => $"{endpoint}/{identity}";

    /// <summary>Returns false if the text is not such an address.</summary>
    public static bool TryParse(string address, out IPEndPoint endpoint, out string identity)
    {
        var slash = address.LastIndexOf('/');
        identity = slash < 0 ? "" : address[(slash + 1)..];
        endpoint = null!;
        return slash > 0 && identity.Length > 0 && IPEndPoint.TryParse(address.AsSpan(0, slash), out endpoint!) && endpoint.Port > 0;
    }

    /// <summary>A question that only the process of this identity answers.</summary>
    /// <param name="secret">Of the job.</param>
    /// <param name="identity">Of the process that is asked.</param>
    /// <param name="nonce">New for every question; <see cref="Read"/> needs it too.</param>
    public static byte[] Question(JobSecret secret, string identity, ReadOnlySpan<byte> nonce)
    {
        var question = new byte[QuestionBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(question, Magic);
        nonce.CopyTo(question.AsSpan(NonceOffset));
        MutualProof.OfLiveness(secret, identity).Prove(HandshakeRole.Client, nonce, []).CopyTo(question.AsSpan(ProofOffset));
        return question;
    }

    /// <summary>The answer to a question; null if the bytes are not a question, or the sender does not know the secret.</summary>
    public static byte[]? Answer(JobSecret secret, string identity, ReadOnlySpan<byte> question, LivenessState state)
    {
        if (question.Length != QuestionBytes || BinaryPrimitives.ReadUInt64LittleEndian(question) != Magic) return null;
        var nonce = question[NonceOffset..ProofOffset];
        var proof = MutualProof.OfLiveness(secret, identity);
        if (!proof.IsProof(question[ProofOffset..], HandshakeRole.Client, nonce, [])) return null;
        // With the own nonce, two answers to the same recorded question always differ. So they do not reveal whether the state has changed.
        var ownNonce = MutualProof.NewNonce();
        return [.. ownNonce, .. proof.Prove(HandshakeRole.Server, nonce, [.. ownNonce, (byte)state])];
    }

    /// <summary>The state in the answer; null if it is not the answer of that process to the question with that nonce.</summary>
    public static LivenessState? Read(JobSecret secret, string identity, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> answer)
    {
        if (answer.Length != AnswerBytes) return null;
        var proof = MutualProof.OfLiveness(secret, identity);
        // The state itself is not sent. The right state is the one for which the proof is valid.
        foreach (var state in States)
        {
            byte[] proven = [.. answer[..JobSecret.NonceBytes], (byte)state];
            if (proof.IsProof(answer[JobSecret.NonceBytes..], HandshakeRole.Server, nonce, proven)) return state;
        }

        return null;
    }
}
