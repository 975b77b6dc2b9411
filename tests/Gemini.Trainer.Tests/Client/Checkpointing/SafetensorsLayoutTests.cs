using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
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

    internal static byte[] Payload(TestState state, long iteration)
    {
        using var image = new ShardImage(state.State, 1, 4);
        image.Stage(iteration);
        var payload = new byte[image.Layout.PayloadBytes];
        image.CopyOut(0, payload);
        return payload;
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
