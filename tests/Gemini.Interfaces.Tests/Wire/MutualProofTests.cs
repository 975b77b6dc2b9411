using System.Security.Cryptography;
using System.Text;
using Gemini.Interfaces.Wire;

namespace Gemini.Interfaces.Tests.Wire;

/// <summary>The bytes that each side proves, as the protocols' pages state them. A change here is a new version of the protocol.</summary>
public sealed class MutualProofTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(100, 32).Select(value => (byte)value)];
    private static readonly byte[] First = [.. Enumerable.Range(1, 32).Select(value => (byte)value)];
    private static readonly byte[] Second = [.. Enumerable.Range(33, 32).Select(value => (byte)value)];
    private static readonly JobSecret Secret = new(Key);

    private static readonly (string Protocol, HandshakeRole Side, string Label)[] All =
    [
        ("data port", HandshakeRole.Client, "Cgemini-data-port/1/gpt2"),
        ("data port", HandshakeRole.Server, "Sgemini-data-port/1/gpt2"),
        ("liveness", HandshakeRole.Client, "Cgemini-liveness/2/gpt2"),
        ("liveness", HandshakeRole.Server, "Sgemini-liveness/2/gpt2"),
        ("ring", HandshakeRole.Client, "connector"),
        ("ring", HandshakeRole.Server, "acceptor"),
    ];

    public static TheoryData<string, HandshakeRole, string> Labels
    {
        get
        {
            var data = new TheoryData<string, HandshakeRole, string>();
            foreach (var (protocol, side, label) in All) data.Add(protocol, side, label);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Labels))]
    public void Prove_IsTheHashOfLabelAndChallenge(string protocol, HandshakeRole side, string label)
    {
        var expected = HMACSHA256.HashData(Key, (byte[])[.. Encoding.ASCII.GetBytes(label), .. First, .. Second]);

        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(Of(protocol, Secret).Prove(side, First, Second)));
    }

    /// <summary>Here all protocols have the same name and the same challenge. Only the label distinguishes them.</summary>
    [Theory]
    [MemberData(nameof(Labels))]
    public void IsProof_OnlyOfItsOwnProtocolAndSide(string protocol, HandshakeRole side, string label)
    {
        var proof = Of(protocol, Secret).Prove(side, First, Second);

        foreach (var (otherProtocol, otherSide, otherLabel) in All)
        {
            Assert.Equal(otherLabel == label, Of(otherProtocol, Secret).IsProof(proof, otherSide, First, Second));
            if (otherLabel != label) Assert.False(label.StartsWith(otherLabel, StringComparison.Ordinal), $"{otherLabel} begins {label}");
        }
    }

    [Theory]
    [MemberData(nameof(Labels))]
    public void IsProof_OfAnotherSecretOrChallenge_IsNone(string protocol, HandshakeRole side, string label)
    {
        var proof = Of(protocol, Secret).Prove(side, First, Second);

        Assert.NotEmpty(label);
        Assert.False(Of(protocol, JobSecret.Generate()).IsProof(proof, side, First, Second));
        Assert.False(Of(protocol, JobSecret.None).IsProof(proof, side, First, Second));
        Assert.False(Of(protocol, Secret).IsProof(proof, side, Second, First));
        Assert.False(Of(protocol, Secret).IsProof(proof.AsSpan(1), side, First, Second));
        Assert.False(Of(protocol, Secret).IsProof([], side, First, Second));
    }

    [Fact]
    public void NewNonce_IsNewEachTime() => Assert.NotEqual(MutualProof.NewNonce(), MutualProof.NewNonce());

    [Fact]
    public void Ring_WithoutASecret_ProvesWithAnEmptyKey() =>
        Assert.Equal(
            HMACSHA256.HashData(Array.Empty<byte>(), (byte[])[.. "acceptor"u8, .. First, .. Second]),
            MutualProof.OfRing(JobSecret.LoadOrNone("")).Prove(HandshakeRole.Server, First, Second));

    [Fact]
    public void Liveness_QuestionAndAnswer_ProveWhatThePageSays()
    {
        var question = LivenessProtocol.Question(Secret, "me", First);
        Assert.Equal(Hmac("Cgemini-liveness/2/me", First), Convert.ToHexString(question.AsSpan(40)));

        var answer = LivenessProtocol.Answer(Secret, "me", question, LivenessState.Computing)!;
        Assert.Equal(Hmac("Sgemini-liveness/2/me", [.. First, .. answer[..32], 2]), Convert.ToHexString(answer.AsSpan(32)));
    }

    private static string Hmac(string label, byte[] challenge) =>
        Convert.ToHexString(HMACSHA256.HashData(Key, (byte[])[.. Encoding.ASCII.GetBytes(label), .. challenge]));

    private static MutualProof Of(string protocol, JobSecret secret) => protocol switch
    {
        "data port" => MutualProof.OfDataPort(secret, "gpt2"),
        "liveness" => MutualProof.OfLiveness(secret, "gpt2"),
        _ => MutualProof.OfRing(secret),
    };
}
