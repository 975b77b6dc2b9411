using System.Buffers.Binary;
using System.Net;

namespace Gemini.Interfaces.Wire;

/// <summary>
/// How a trainer is asked whether it lives, past its silo: a question of fixed size on a TCP connection, one answer, end. Each proves the
/// job's secret and names the very process that is meant; the answer also proves this question. See <c>WIRE.md</c>.
/// </summary>
public static class LivenessProtocol
{
    public const int QuestionBytes = ProofOffset + JobSecret.ProofBytes;
    public const int AnswerBytes = JobSecret.NonceBytes + JobSecret.ProofBytes;

    private const ulong Magic = 0x3245_5649_4C4D_4547; // "GEMLIVE2"
    private const int NonceOffset = sizeof(ulong);
    private const int ProofOffset = NonceOffset + JobSecret.NonceBytes;

    private static readonly LivenessState[] States = Enum.GetValues<LivenessState>();

    /// <summary>Where a trainer answers, as one text: "address:port/identity". Everybody but the asking side passes it on unread.</summary>
    /// <param name="endpoint">Where it listens.</param>
    /// <param name="identity">New for every process: a later one at the same port is not taken for it.</param>
    public static string Address(EndPoint endpoint, string identity) => $"{endpoint}/{identity}";

    /// <summary>Returns false when the text is no such address.</summary>
    public static bool TryParse(string address, out IPEndPoint endpoint, out string identity)
    {
        var slash = address.LastIndexOf('/');
        identity = slash < 0 ? "" : address[(slash + 1)..];
        endpoint = null!;
        return slash > 0 && identity.Length > 0 && IPEndPoint.TryParse(address.AsSpan(0, slash), out endpoint!) && endpoint.Port > 0;
    }

    /// <summary>A question that only the process of this identity answers.</summary>
    /// <param name="secret">Of the job.</param>
    /// <param name="identity">Of the process that is meant.</param>
    /// <param name="nonce">New for every question; <see cref="Read"/> needs it too.</param>
    public static byte[] Question(JobSecret secret, string identity, ReadOnlySpan<byte> nonce)
    {
        var question = new byte[QuestionBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(question, Magic);
        nonce.CopyTo(question.AsSpan(NonceOffset));
        MutualProof.OfLiveness(secret, identity).Prove(HandshakeRole.Client, nonce, []).CopyTo(question.AsSpan(ProofOffset));
        return question;
    }

    /// <summary>The answer to a question; null when it is none, or of somebody who does not know the secret.</summary>
    public static byte[]? Answer(JobSecret secret, string identity, ReadOnlySpan<byte> question, LivenessState state)
    {
        if (question.Length != QuestionBytes || BinaryPrimitives.ReadUInt64LittleEndian(question) != Magic) return null;
        var nonce = question[NonceOffset..ProofOffset];
        var proof = MutualProof.OfLiveness(secret, identity);
        if (!proof.IsProof(question[ProofOffset..], HandshakeRole.Client, nonce, [])) return null;
        // The own nonce makes two answers to one recorded question differ, so that they do not tell whether the state has changed.
        var ownNonce = MutualProof.NewNonce();
        return [.. ownNonce, .. proof.Prove(HandshakeRole.Server, nonce, [.. ownNonce, (byte)state])];
    }

    /// <summary>What the answer says; null when it is not that process's answer to that nonce.</summary>
    public static LivenessState? Read(JobSecret secret, string identity, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> answer)
    {
        if (answer.Length != AnswerBytes) return null;
        var proof = MutualProof.OfLiveness(secret, identity);
        // The state itself is not sent: it is the one that the proof is of.
        foreach (var state in States)
        {
            byte[] proven = [.. answer[..JobSecret.NonceBytes], (byte)state];
            if (proof.IsProof(answer[JobSecret.NonceBytes..], HandshakeRole.Server, nonce, proven)) return state;
        }

        return null;
    }
}
