using System.Buffers.Binary;
using System.Net;

namespace Gemini.Interfaces.Wire;

/// <summary>
/// How a trainer is asked whether it lives, past its silo: a question of fixed size on a TCP connection, one answer, end. The answer
/// proves the job's secret, the very process that was meant, and this question. See <c>WIRE.md</c>.
/// </summary>
public static class LivenessProtocol
{
    public const int QuestionBytes = sizeof(ulong) + JobSecret.NonceBytes;
    public const int AnswerBytes = 1 + JobSecret.ProofBytes;

    private const ulong Magic = 0x3145_5649_4C4D_4547; // "GEMLIVE1"

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

    public static byte[] Question(ReadOnlySpan<byte> nonce)
    {
        var question = new byte[QuestionBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(question, Magic);
        nonce.CopyTo(question.AsSpan(sizeof(ulong)));
        return question;
    }

    /// <summary>The answer to a question; null when it is none.</summary>
    public static byte[]? Answer(JobSecret secret, string identity, ReadOnlySpan<byte> question, LivenessState state)
    {
        if (question.Length != QuestionBytes || BinaryPrimitives.ReadUInt64LittleEndian(question) != Magic) return null;
        return [(byte)state, .. secret.Prove(HandshakeRole.Server, Context(identity), question[sizeof(ulong)..], [(byte)state])];
    }

    /// <summary>What the answer says; null when it is not that process's answer to that nonce.</summary>
    public static LivenessState? Read(JobSecret secret, string identity, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> answer)
    {
        if (answer.Length != AnswerBytes || !Enum.IsDefined((LivenessState)answer[0])) return null;
        return secret.Verify(answer[1..], HandshakeRole.Server, Context(identity), nonce, answer[..1]) ? (LivenessState)answer[0] : null;
    }

    private static string Context(string identity) => $"gemini-liveness/1/{identity}";
}
