using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CsCheck;
using Gemini.Interfaces.Wire;

namespace Gemini.Interfaces.Tests.Wire;

/// <summary>The lines of the trainer socket, each as its text. A trainer and a silo of two versions talk to each other during an upgrade.</summary>
public sealed class TrainerProtocolTests
{
    private static readonly (string Line, TrainerMessage Message)[] Lines =
    [
        (
            """
            {"type":"hello","version":1,"localIndex":2,"processId":3,"ringEndpoint":"10.0.0.1:4","description":"a model","parameterCount":5,
            "totalIterations":6,"rank":7,"epoch":8,"iteration":9,"shardBytes":10,"liveness":"10.0.0.1:11/x","warm":true,"epochFloor":12,"program":"p",
            "committed":13}
            """,
            new TrainerHello(1, 2, 3, "10.0.0.1:4", "a model", 5, 6, 7, 8, 9, 10, "10.0.0.1:11/x", true, 12, "p", 13)),
        (
            """
            {"type":"hello","version":1,"localIndex":0,"processId":3,"ringEndpoint":"","description":"","parameterCount":0,"totalIterations":0,
            "rank":null,"epoch":0,"iteration":0,"shardBytes":0,"liveness":"","warm":false,"epochFloor":0,"program":"","committed":0}
            """,
            new TrainerHello(1, 0, 3, "", "", 0, 0, null, 0, 0, 0)),
        ("""{"type":"spare","version":1,"localIndex":2,"number":3}""", new TrainerSpare(1, 2, 3)),
        ("""{"type":"warm"}""", new TrainerWarm()),
        ("""{"type":"capturing","epoch":1,"iteration":2}""", new TrainerCapturing(1, 2)),
        ("""{"type":"step","epoch":1,"iteration":2,"loss":3.5,"milliseconds":4.25,"busy":5}""", new TrainerStep(1, 2, 3.5, 4.25, 5)),
        ("""{"type":"step","epoch":1,"iteration":2,"loss":"NaN","milliseconds":0,"busy":0}""", new TrainerStep(1, 2, double.NaN, 0)),
        (
            """{"type":"step","epoch":1,"iteration":2,"loss":"-Infinity","milliseconds":0,"busy":0}""",
            new TrainerStep(1, 2, double.NegativeInfinity, 0)),
        ("""{"type":"saves","epoch":1,"problem":"no room"}""", new TrainerSaves(1, "no room")),
        ("""{"type":"busy","epoch":1,"number":2,"reason":"evaluation","limitMilliseconds":3}""", new TrainerBusy(1, 2, "evaluation", 3)),
        ("""{"type":"lostPeer","epoch":1,"peerRank":2}""", new TrainerLostPeer(1, 2)),
        ("""{"type":"stopped","epoch":1}""", new TrainerStopped(1)),
        ("""{"type":"finished","epoch":1,"iteration":2}""", new TrainerFinished(1, 2)),
        ("""{"type":"stop","epoch":9223372036854775807}""", new SiloStop(long.MaxValue)),
        ("""{"type":"committed","epoch":1,"iteration":2}""", new SiloCommitted(1, 2)),
        ("""{"type":"abandoned","epoch":1,"iteration":2}""", new SiloAbandoned(1, 2)),
        ("""{"type":"persisted","epoch":1,"iteration":2}""", new SiloPersisted(1, 2)),
        ("""{"type":"exit","reason":"the host stops"}""", new SiloExit("the host stops")),
        ("""{"type":"takeOver"}""", new SiloTakeOver()),
    ];

    public static TheoryData<int> Indexes => [.. Enumerable.Range(0, Lines.Length)];

    [Theory]
    [MemberData(nameof(Indexes))]
    public void Message_IsThisLine(int index)
    {
        var (text, message) = Lines[index];
        var line = text.ReplaceLineEndings("");
        Assert.Equal(line + "\n", Encoding.UTF8.GetString(TrainerProtocol.Encode(message)));
        Assert.Equal(message, TrainerProtocol.Decode(line));
    }

    [Fact]
    public void Lines_AreThoseOfEveryMessage()
    {
        var known = typeof(TrainerMessage).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(attribute => attribute.DerivedType).ToHashSet();
        Assert.Equal(16, known.Count);
        Assert.Empty(known.Except(Lines.Select(line => line.Message.GetType())));
    }

    /// <summary>A line end inside a text must not end the line, and a reader in any language must be able to read the rest.</summary>
    [Fact]
    public void Encode_AnyText_IsOneLineOfAsciiAndComesBack()
    {
        var texts = Gen.OneOf(Gen.String, Gen.String[Gen.Char[' ', '\uD7FF'], 0, 30], Gen.Const("a\nb\r\n\0\"\\ü日😀"));
        texts.Where(IsUnicode).Sample(text =>
        {
            var line = TrainerProtocol.Encode(new SiloExit(text));
            Assert.Equal(line.Length - 1, Array.IndexOf(line, (byte)'\n'));
            Assert.All(line, value => Assert.InRange(value, 0, 127));
            Assert.Equal(new SiloExit(text), TrainerProtocol.Decode(Encoding.UTF8.GetString(line)));
        });
    }

    [Fact]
    public void Encode_AnyNumbers_ComeBack() =>
        Gen.Select(Gen.Long, Gen.Long, Gen.Double, Gen.Double, Gen.Double).Sample((epoch, iteration, loss, milliseconds, busy) =>
        {
            var step = new TrainerStep(epoch, iteration, loss, milliseconds, busy);
            Assert.Equal(step, TrainerProtocol.Decode(Encoding.UTF8.GetString(TrainerProtocol.Encode(step))));
        });

    /// <summary>A later version adds properties; an earlier version ignores them, and has the stated values for those that it does not get.</summary>
    [Theory]
    [InlineData("""{"type":"stop","epoch":7,"later":{"a":[1,2]}}""")]
    [InlineData(""" { "type" : "stop" , "epoch" : 7 } """)]
    [InlineData("""{"type":"stop","epoch":6,"epoch":7}""")]
    public void Decode_MoreThanItKnows_IsIgnored(string line) => Assert.Equal(new SiloStop(7), TrainerProtocol.Decode(line));

    [Fact]
    public void Decode_HelloOfAnEarlierVersion_HasTheStatedDefaults() => Assert.Equal(
        new TrainerHello(1, 0, 3, "a:1", "x", 4, 5, null, 6, 7, 8, Liveness: "", Warm: false, EpochFloor: 0, Program: "", Committed: 0),
        TrainerProtocol.Decode(
            """{"type":"hello","version":1,"localIndex":0,"processId":3,"ringEndpoint":"a:1","description":"x","parameterCount":4,"totalIterations":5"""
            + ""","rank":null,"epoch":6,"iteration":7,"shardBytes":8}"""));

    /// <summary>Nobody has to ask whether a text is there: a line without it, or with null in its place, is no message.</summary>
    [Fact]
    public void Decode_FieldIsMissingOrNull_IsRefusedUnlessItIsOptional()
    {
        string[] optional = ["liveness", "warm", "epochFloor", "program", "committed", "busy"];
        foreach (var (text, message) in Lines)
        {
            foreach (var (field, _) in JsonNode.Parse(text)!.AsObject().Where(field => field.Key != "type"))
            {
                JsonObject without = JsonNode.Parse(text)!.AsObject(), withNull = JsonNode.Parse(text)!.AsObject();
                without.Remove(field);
                withNull[field] = null;
                Assert.Equal((field, optional.Contains(field)), (field, IsMessage(without.ToJsonString())));
                Assert.Equal((field, message is TrainerHello && field == "rank"), (field, IsMessage(withNull.ToJsonString())));
            }
        }

        static bool IsMessage(string line) => Record.Exception(() => { _ = TrainerProtocol.Decode(line); }) switch
        {
            null => true,
            InvalidDataException => false,
            var error => throw error,
        };
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("\"stop\"")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"epoch":7}""")]
    [InlineData("""{"epoch":7,"type":"stop"}""")]
    [InlineData("""{"type":"Stop","epoch":7}""")]
    [InlineData("""{"type":"","epoch":7}""")]
    [InlineData("""{"type":"halt","epoch":7}""")]
    [InlineData("""{"type":7,"epoch":7}""")]
    [InlineData("""{"type":null,"epoch":7}""")]
    [InlineData("""{"type":"stop","epoch":7""")]
    [InlineData("""{"type":"stop","epoch":7}}""")]
    [InlineData("""{"type":"stop","epoch":7}{"type":"stop","epoch":7}""")]
    [InlineData("""{"type":"stop","epoch":"7"}""")]
    [InlineData("""{"type":"stop","epoch":7.5}""")]
    [InlineData("""{"type":"stop","epoch":9223372036854775808}""")]
    [InlineData("""{"type":"stop","epoch":null}""")]
    [InlineData("""{"type":"stop","epoch":{}}""")]
    [InlineData("""{"type":"stop","epoch":7,}""")]
    [InlineData("""{"type":"stop",/* now */"epoch":7}""")]
    [InlineData("""{"type":"exit","reason":7}""")]
    [InlineData("""{"type":"exit","reason":"\ud800"}""")]
    [InlineData("""{"type":"exit","reason":"\x"}""")]
    [InlineData("""{"type":"\ud800","reason":"x"}""")]
    [InlineData("""{"type":"exit","\ud800":"x"}""")]
    [InlineData("""{"type":"step","epoch":1,"iteration":2,"loss":"much","milliseconds":0}""")]
    [InlineData("""{"type":"hello","version":99999999999}""")]
    [InlineData("""{"type":"hello","warm":1}""")]
    public void Decode_NoMessage_IsRefused(string line) => Assert.Throws<InvalidDataException>(() => TrainerProtocol.Decode(line));

    [Fact]
    public void Decode_NestedWithoutEnd_IsRefused() => Assert.Throws<InvalidDataException>(
        () => TrainerProtocol.Decode("""{"type":"stop","x":""" + new string('[', TrainerProtocol.MaxLineBytes / 2)));

    /// <summary>The peer may send anything: a line is a message or it is refused, never another exception.</summary>
    [Fact]
    public void Decode_DamagedLine_IsAMessageOrRefused()
    {
        var lines = Gen.Int[0, Lines.Length - 1].Select(index => Encoding.UTF8.GetString(TrainerProtocol.Encode(Lines[index].Message)));
        var signs = Gen.OneOf(Gen.Char[' ', '~'], Gen.Char["\"\\{[]}:,u\0\uFFFD\uFEFF"]);
        var changes = Gen.Select(Gen.Int[0, 1 << 20], signs).Array[1, 4];
        Gen.Select(lines, changes).Sample((line, changed) =>
        {
            var text = line.ToCharArray();
            foreach (var (place, sign) in changed) text[place % text.Length] = sign;
            return Record.Exception(() => { _ = TrainerProtocol.Decode(new string(text)); }) is null or InvalidDataException;
        });
    }

    /// <summary>Half of a surrogate pair is no text: JSON replaces it.</summary>
    private static bool IsUnicode(string text) => Encoding.Unicode.GetString(Encoding.Unicode.GetBytes(text)) == text;
}
