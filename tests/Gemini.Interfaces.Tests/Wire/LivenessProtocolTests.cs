using System.Net;
using CsCheck;
using Gemini.Interfaces.Wire;

namespace Gemini.Interfaces.Tests.Wire;

/// <summary>One question and one answer. <see cref="MutualProofTests"/> has the bytes of the proofs.</summary>
public sealed class LivenessProtocolTests
{
    private static readonly JobSecret Secret = new([.. Enumerable.Range(0, 32).Select(value => (byte)value)]);
    private static readonly byte[] Nonce = [.. Enumerable.Range(1, 32).Select(value => (byte)value)];

    public static TheoryData<LivenessState> States => [.. Enum.GetValues<LivenessState>()];

    [Fact]
    public void Question_Bytes()
    {
        var question = LivenessProtocol.Question(Secret, "me", Nonce);
        Assert.Equal((72, 72, 64), (question.Length, LivenessProtocol.QuestionBytes, LivenessProtocol.AnswerBytes));
        Assert.Equal("GEMLIVE2"u8.ToArray(), question[..8]);
        Assert.Equal(Nonce, question[8..40]);
        Assert.Equal(question, LivenessProtocol.Question(Secret, "me", Nonce));
    }

    [Fact]
    public void States_HaveTheirNumbers() => Assert.Equal([1, 2, 3], Enum.GetValues<LivenessState>().Select(state => (int)state));

    [Theory]
    [MemberData(nameof(States))]
    public void Answer_ToItsQuestion_IsReadAsTheState(LivenessState state)
    {
        var answer = LivenessProtocol.Answer(Secret, "me", LivenessProtocol.Question(Secret, "me", Nonce), state)!;
        Assert.Equal(LivenessProtocol.AnswerBytes, answer.Length);
        Assert.Equal(state, LivenessProtocol.Read(Secret, "me", Nonce, answer));
    }

    [Fact]
    public void Answer_TwiceToTheSameQuestion_HasNoEqualPart()
    {
        var question = LivenessProtocol.Question(Secret, "me", Nonce);
        byte[] first = Answer(question), second = Answer(question);
        Assert.NotEqual(first[..32], second[..32]);
        Assert.NotEqual(first[32..], second[32..]);

        static byte[] Answer(byte[] question) => LivenessProtocol.Answer(Secret, "me", question, LivenessState.Alive)!;
    }

    [Fact]
    public void Answer_OfAnotherProcessJobOrQuestion_IsNone()
    {
        var question = LivenessProtocol.Question(Secret, "me", Nonce);
        Assert.Null(LivenessProtocol.Answer(Secret, "you", question, LivenessState.Alive));
        Assert.Null(LivenessProtocol.Answer(JobSecret.Generate(), "me", question, LivenessState.Alive));
        Assert.Null(LivenessProtocol.Answer(JobSecret.None, "me", question, LivenessState.Alive));

        var answer = LivenessProtocol.Answer(Secret, "me", question, LivenessState.Alive)!;
        Assert.Null(LivenessProtocol.Read(Secret, "you", Nonce, answer));
        Assert.Null(LivenessProtocol.Read(JobSecret.Generate(), "me", Nonce, answer));
        Assert.Null(LivenessProtocol.Read(Secret, "me", MutualProof.NewNonce(), answer));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(71)]
    [InlineData(73)]
    [InlineData(4096)]
    public void Answer_QuestionOfAnotherLength_IsNone(int bytes)
    {
        var question = new byte[bytes];
        var whole = LivenessProtocol.Question(Secret, "me", Nonce);
        whole.AsSpan(0, Math.Min(bytes, whole.Length)).CopyTo(question);
        Assert.Null(LivenessProtocol.Answer(Secret, "me", question, LivenessState.Alive));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    [InlineData(63)]
    [InlineData(65)]
    public void Read_AnswerOfAnotherLength_IsNone(int bytes)
    {
        var answer = new byte[bytes];
        var whole = LivenessProtocol.Answer(Secret, "me", LivenessProtocol.Question(Secret, "me", Nonce), LivenessState.Alive)!;
        whole.AsSpan(0, Math.Min(bytes, whole.Length)).CopyTo(answer);
        Assert.Null(LivenessProtocol.Read(Secret, "me", Nonce, answer));
    }

    [Fact]
    public void Answer_OneBitOfTheQuestionDiffers_IsNone() => Gen.Int[0, (72 * 8) - 1].Sample(bit =>
    {
        var question = LivenessProtocol.Question(Secret, "me", Nonce);
        question[bit / 8] ^= (byte)(1 << (bit % 8));
        return LivenessProtocol.Answer(Secret, "me", question, LivenessState.Alive) is null;
    });

    [Fact]
    public void Read_OneBitOfTheAnswerDiffers_IsNone() => Gen.Int[0, (64 * 8) - 1].Sample(bit =>
    {
        var answer = LivenessProtocol.Answer(Secret, "me", LivenessProtocol.Question(Secret, "me", Nonce), LivenessState.Computing)!;
        answer[bit / 8] ^= (byte)(1 << (bit % 8));
        return LivenessProtocol.Read(Secret, "me", Nonce, answer) is null;
    });

    [Theory]
    [InlineData("10.0.0.1", 2000, "10.0.0.1:2000/abc")]
    [InlineData("::1", 65535, "[::1]:65535/abc")]
    public void Address_IsReadBack(string host, int port, string text)
    {
        var endpoint = new IPEndPoint(IPAddress.Parse(host), port);
        Assert.Equal(text, LivenessProtocol.Address(endpoint, "abc"));
        Assert.True(LivenessProtocol.TryParse(text, out var parsed, out var identity));
        Assert.Equal((endpoint, "abc"), (parsed, identity));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/abc")]
    [InlineData("10.0.0.1:2000")]
    [InlineData("10.0.0.1:2000/")]
    [InlineData("10.0.0.1/abc")]
    [InlineData("10.0.0.1:0/abc")]
    [InlineData("10.0.0.1:65536/abc")]
    [InlineData("10.0.0.1:-1/abc")]
    [InlineData("host-a:2000/abc")]
    [InlineData("10.0.0.1:2000/abc/")]
    [InlineData("10.0.0.1:2000/abc/def")]
    public void TryParse_NoAddress_IsRefused(string text) => Assert.False(LivenessProtocol.TryParse(text, out _, out _));
}
