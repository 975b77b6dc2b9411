using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using CsCheck;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

public sealed class SafetensorsLayoutTests
{
    [Fact]
    public void Payload_ReadByAnIndependentReader_HasEverything()
    {
        using var state = new TestState(elements: 1000);
        state.Set(42);
        var (metadata, tensors) = ReadSafetensors(Payload(state, 42));
        Assert.Equal("pt", metadata["format"]);
        Assert.Equal(("1", "4", "42"), (metadata["gemini.rank"], metadata["gemini.world_size"], metadata["gemini.iteration"]));
        Assert.Equal(("336", "after \"42\""), (metadata["data_position"], metadata["note"]));
        Assert.Equal(("F32", "1000"), (tensors["weights"].Type, tensors["weights"].Shape));
        Assert.Equal(42_999f, BinaryPrimitives.ReadSingleLittleEndian(tensors["weights"].Bytes.AsSpan(999 * 4)));
        Assert.Equal(44, BinaryPrimitives.ReadInt64LittleEndian(tensors["counts"].Bytes.AsSpan(16)));
        Assert.Equal(Enumerable.Repeat((byte)42, 17), tensors["rng"].Bytes);
    }

    [Fact]
    public void Payload_AnyIteration_HasTheSameSizeAndAnAlignedFirstTensor()
    {
        using var state = new TestState(elements: 10);
        state.Set(1);
        var first = Payload(state, 1);
        state.Set(long.MaxValue / 1_000_000);
        Assert.Equal(first.Length, Payload(state, long.MaxValue).Length);
        Assert.Equal(0ul, (8 + BinaryPrimitives.ReadUInt64LittleEndian(first)) % 64);
    }

    [Fact]
    public void Payload_EqualStateAtEqualIteration_HasEqualBytes()
    {
        using var one = new TestState(elements: 10);
        using var other = new TestState(elements: 10);
        one.Set(3);
        other.Set(9);
        other.Set(3);
        Assert.Equal(Payload(one, 3), Payload(other, 3));
    }

    [Fact]
    public void ReadHeader_OfAnotherLayout_IsRefused()
    {
        using var state = new TestState(elements: 10);
        using var larger = new TestState(elements: 11);
        using var image = new ShardImage(state.State, 1, 4);
        Assert.Throws<InvalidDataException>(() => image.Layout.ReadHeader(Payload(larger, 1)));
    }

    [Theory]
    [InlineData("{\"file\":\"a.bin\",\"epoch\":1,\"offset\":12345}", 49)]
    [InlineData("Grüße, 日本, 😀 <&'+>", 27)]
    [InlineData("a\\b\tc\nd\u0001\u007f", 17)]
    public void WriteHeader_AnyText_TakesTheBytesOfItsUtf8AndEscapesWhatJsonAsksFor(string text, int bytes)
    {
        Assert.Equal(bytes, JsonText.Quote(text).Length - 2);
        Assert.Equal(text, JsonSerializer.Deserialize<string>(JsonText.Quote(text)));
        using var state = new TestState(elements: 10) { Note = text };
        var (metadata, _) = ReadSafetensors(Payload(state, 1));
        Assert.Equal(text, metadata["note"]);
    }

    [Fact]
    public void WriteHeader_ValueLongerThanItsRoom_Throws()
    {
        using var state = new TestState(elements: 10) { Note = new string('x', 51) };
        using var image = new ShardImage(state.State, 1, 4);
        Assert.Contains("note", Assert.Throws<InvalidOperationException>(() => image.Stage(1)).Message, StringComparison.Ordinal);
    }

    /// <summary>The header of a small state, byte for byte: the layout stays the same for a job's life, and for all versions of this program.</summary>
    [Fact]
    public void Header_Bytes()
    {
        var state = new TrainingState()
            .AddBuffer("b\"ü", 3, _ => { }, _ => { })
            .AddValue("note", 6, () => "a\\b", _ => { });
        using var image = new ShardImage(state, 2, 4);
        image.Stage(7);

        var json = "{\"__metadata__\":{\"format\":\"pt\",\"gemini.rank\":\"2\",\"gemini.world_size\":\"4\",\"gemini.iteration\":\"7\"                  "
            + ",\"note\":\"a\\\\b\"  },\"b\\\"ü\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}";
        Assert.Equal((4096, 4099L), (image.Layout.HeaderBytes, image.Layout.PayloadBytes));
        Assert.Equal(4088ul, BinaryPrimitives.ReadUInt64LittleEndian(image.Header));
        Assert.Equal(json, Encoding.UTF8.GetString(image.Header[8..]).TrimEnd(' '));
        Assert.True(image.Layout.Describes(image.Header));
        Assert.Equal((7, "a\\b"), (image.Layout.ReadHeader(image.Header).Iteration, Assert.Single(image.Layout.ReadHeader(image.Header).Values)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(long.MaxValue)]
    public void ReadHeader_AnyIteration_ComesBack(long iteration)
    {
        using var state = new TestState(elements: 10);
        using var image = new ShardImage(state.State, 1, 4);
        image.Layout.WriteHeader(image.Header, iteration);
        Assert.Equal(iteration, image.Layout.ReadHeader(image.Header).Iteration);
    }

    /// <summary>Values of every length up to their room, with signs that take two, three or six bytes.</summary>
    [Fact]
    public void Values_OfAnyTextThatFits_ComeBackAndLongerOnesAreRefused() => Gen.String[Gen.Char["ab\"\\\n\t\u0001üß日"], 0, 30].Sample(text =>
    {
        var live = text;
        var read = "";
        var state = new TrainingState().AddBuffer("b", 1, _ => { }, _ => { }).AddValue("v", 40, () => live, value => read = value);
        using var image = new ShardImage(state, 0, 1);
        var bytes = JsonText.Quote(text).Length - 2;
        var error = Record.Exception(() => image.Stage(1));
        if (bytes > 40)
        {
            Assert.StartsWith($"Value v takes {bytes} bytes of UTF-8; AddValue reserved 40 for it.", Assert.IsType<InvalidOperationException>(error).Message);
            return;
        }

        Assert.Null(error);
        live = "another";
        image.Layout.SetValues(image.Layout.ReadHeader(image.Header).Values);
        Assert.Equal(text, read);
    });

    /// <summary>Another rank, another number of ranks, and everything that a tensor or a value says about itself.</summary>
    [Fact]
    public void Describes_HeaderOfAnotherState_IsFalse()
    {
        using var image = new ShardImage(State("a", SafetensorsType.F32, [2, 3], 24, 10), 1, 4);
        ShardImage[] others =
        [
            new(State("a", SafetensorsType.F32, [2, 3], 24, 10), 2, 4), new(State("a", SafetensorsType.F32, [2, 3], 24, 10), 1, 5),
            new(State("b", SafetensorsType.F32, [2, 3], 24, 10), 1, 4), new(State("a", SafetensorsType.I32, [2, 3], 24, 10), 1, 4),
            new(State("a", SafetensorsType.F32, [3, 2], 24, 10), 1, 4), new(State("a", SafetensorsType.F32, [6], 24, 10), 1, 4),
            new(State("a", SafetensorsType.F32, [2, 3], 24, 11), 1, 4), new(State("a", SafetensorsType.F32, [2, 3], 24, 10, "w"), 1, 4),
        ];
        foreach (var other in others)
        {
            using (other)
            {
                other.Layout.WriteHeader(other.Header, 1);
                Assert.False(image.Layout.Describes(other.Header));
                Assert.Equal(SafetensorsLayout.OfAnotherState, Assert.Throws<InvalidDataException>(() => image.Layout.ReadHeader(other.Header)).Message);
            }
        }

        static TrainingState State(string name, SafetensorsType type, long[] shape, long bytes, int room, string value = "v") =>
            new TrainingState().Add(name, type, shape, 4096, bytes).AddValue(value, room, () => "", _ => { });
    }

    /// <summary>One bit of the header differs: it belongs to another state, unless the bit is in a value.</summary>
    [Fact]
    public void Describes_OneBitDiffers_IsFalseUnlessItIsInAValue()
    {
        using var state = new TestState(elements: 10);
        using var image = new ShardImage(state.State, 1, 4);
        image.Stage(7);
        byte[] header = [.. image.Header];
        var text = Encoding.Latin1.GetString(header);
        var values = (string[])["gemini.iteration", "data_position", "note"];
        (int Start, int Bytes)[] rooms = [.. values.Select(name => (text.IndexOf($"\"{name}\":", StringComparison.Ordinal) + name.Length + 3, name switch
        {
            "gemini.iteration" => 21,
            "data_position" => 22,
            _ => 52,
        }))];
        for (var index = 0; index < header.Length; index++)
        {
            header[index] ^= 2;
            var isInAValue = rooms.Any(room => index >= room.Start && index < room.Start + room.Bytes);
            if (image.Layout.Describes(header) != isInAValue) Assert.Fail($"Byte {index}, '{text[index]}', {isInAValue}.");
            header[index] ^= 2;
        }
    }

    [Theory]
    [InlineData("7")]
    [InlineData("tru")]
    [InlineData("\"a")]
    [InlineData("\"\\x\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("\"\u00ff\"")]
    [InlineData("")]
    public void ReadHeader_ValueIsNoJsonText_IsRefused(string token)
    {
        using var image = new ShardImage(new TrainingState().AddBuffer("b", 1, _ => { }, _ => { }).AddValue("v", 10, () => "zzz", _ => { }), 0, 1);
        image.Stage(1);
        byte[] header = [.. image.Header];
        var place = header.AsSpan().IndexOf("\"zzz\""u8);
        header.AsSpan(place, 12).Fill((byte)' ');
        Encoding.Latin1.GetBytes(token).CopyTo(header, place);
        var error = Assert.Throws<InvalidDataException>(() => image.Layout.ReadHeader(header));
        Assert.Equal("a value in the payload's header is not a text", error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("seven")]
    [InlineData("9223372036854775808")]
    public void ReadHeader_IterationIsNoNumber_IsRefused(string iteration)
    {
        using var state = new TestState(elements: 10);
        using var image = new ShardImage(state.State, 1, 4);
        image.Stage(7);
        byte[] header = [.. image.Header];
        var place = header.AsSpan().IndexOf("\"gemini.iteration\":"u8) + "\"gemini.iteration\":".Length;
        header.AsSpan(place, 21).Fill((byte)' ');
        JsonText.Quote(iteration).CopyTo(header, place);
        var error = Assert.Throws<InvalidDataException>(() => image.Layout.ReadHeader(header));
        Assert.Equal($"the iteration in the payload's header is '{iteration}'", error.Message);
    }

    [Fact]
    public void ReadHeader_TooShort_IsRefused()
    {
        using var state = new TestState(elements: 10);
        using var image = new ShardImage(state.State, 1, 4);
        image.Stage(7);
        foreach (var length in (int[])[0, 1, image.Layout.HeaderBytes - 1])
        {
            Assert.False(image.Layout.Describes(image.Header[..length]));
            Assert.Throws<InvalidDataException>(() => image.Layout.ReadHeader(image.Header[..length]));
        }
    }

    [Fact]
    public void Quote_HalfOfASurrogatePair_Throws()
    {
        Assert.Throws<EncoderFallbackException>(() => JsonText.Quote("a\ud800b"));
        Assert.Throws<EncoderFallbackException>(() => JsonText.Quote("\udc00"));
    }

    [Fact]
    public void Quote_AnyText_IsJsonInTheFewestBytes() => Gen.String[Gen.Char['\0', '\ud7ff'], 0, 40].Sample(text =>
    {
        var quoted = JsonText.Quote(text);
        Assert.Equal(text, JsonSerializer.Deserialize<string>(quoted));
        var least = text.Sum(sign => sign switch
        {
            '"' or '\\' or '\n' or '\r' or '\t' => 2,
            < ' ' => 6,
            < '\u0080' => 1,
            < '\u0800' => 2,
            _ => 3,
        });
        Assert.Equal(least + 2, quoted.Length);
    });

    internal static byte[] Payload(TestState state, long iteration)
    {
        using var image = new ShardImage(state.State, 1, 4);
        return image.Save(iteration);
    }

    /// <summary>Written from the format's description, without the code under test.</summary>
    private static (Dictionary<string, string> Metadata, Dictionary<string, (string Type, string Shape, byte[] Bytes)> Tensors) ReadSafetensors(byte[] file)
    {
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        Assert.Equal((byte)'{', file[8]);
        using var json = JsonDocument.Parse(Encoding.UTF8.GetString(file, 8, length));
        var metadata = new Dictionary<string, string>();
        var tensors = new Dictionary<string, (string, string, byte[])>();
        var covered = 0;
        foreach (var entry in json.RootElement.EnumerateObject())
        {
            if (entry.Name == "__metadata__")
            {
                foreach (var value in entry.Value.EnumerateObject()) metadata.Add(value.Name, value.Value.GetString()!);
                continue;
            }

            var offsets = entry.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt32()).ToArray();
            Assert.Equal(covered, offsets[0]); // The format allows no holes.
            covered = offsets[1];
            var shape = string.Join('x', entry.Value.GetProperty("shape").EnumerateArray().Select(dimension => dimension.GetInt64()));
            tensors.Add(entry.Name, (entry.Value.GetProperty("dtype").GetString()!, shape, file[(8 + length + offsets[0])..(8 + length + offsets[1])]));
        }

        Assert.Equal(file.Length, 8 + length + covered);
        return (metadata, tensors);
    }
}
