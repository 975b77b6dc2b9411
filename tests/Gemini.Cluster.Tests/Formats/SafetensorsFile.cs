using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;

namespace Gemini.Cluster.Tests.Formats;

/// <summary>
/// A safetensors file, read by the format's definition (huggingface/safetensors, README, "Format"): an unsigned 64-bit
/// little-endian N; N bytes of JSON that begin with '{' and may end in blanks, with a dtype, a shape and two data_offsets per
/// tensor and strings under "__metadata__"; then the tensors' bytes without holes.
/// </summary>
internal sealed record SafetensorsFile(ImmutableDictionary<string, string> Metadata, ImmutableArray<SafetensorsTensor> Tensors)
{
    /// <summary>The format's own limit on N.</summary>
    private const ulong MaxHeaderBytes = 100_000_000;

    private static readonly ImmutableDictionary<string, int> TypeBytes = new Dictionary<string, int>
    {
        ["BOOL"] = 1,
        ["U8"] = 1,
        ["I8"] = 1,
        ["I16"] = 2,
        ["U16"] = 2,
        ["F16"] = 2,
        ["BF16"] = 2,
        ["I32"] = 4,
        ["U32"] = 4,
        ["F32"] = 4,
        ["F64"] = 8,
        ["I64"] = 8,
        ["U64"] = 8,
    }.ToImmutableDictionary();

    /// <summary>Reads a whole file and checks all that the definition demands.</summary>
    public static SafetensorsFile Parse(ReadOnlyMemory<byte> file)
    {
        var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(file.Span);
        Assert.InRange(headerBytes, 2UL, Math.Min(MaxHeaderBytes, (ulong)file.Length - 8));
        var header = file.Slice(8, (int)headerBytes);
        Assert.Equal((byte)'{', header.Span[0]);
        using var json = JsonDocument.Parse(header);
        var metadata = ImmutableDictionary<string, string>.Empty;
        var tensors = ImmutableArray.CreateBuilder<SafetensorsTensor>();
        var names = new HashSet<string>();
        foreach (var entry in json.RootElement.EnumerateObject())
        {
            Assert.True(names.Add(entry.Name), $"The key {entry.Name} is there twice.");
            if (entry.Name != "__metadata__") tensors.Add(ParseTensor(entry));
            else metadata = entry.Value.EnumerateObject().ToImmutableDictionary(pair => pair.Name, pair => pair.Value.GetString()!);
        }

        var end = 0L;
        foreach (var tensor in tensors.OrderBy(tensor => tensor.Begin))
        {
            Assert.Equal(end, tensor.Begin);
            Assert.Equal(tensor.ElementCount * TypeBytes[tensor.Type], tensor.End - tensor.Begin);
            end = tensor.End;
        }

        Assert.Equal(file.Length - 8 - (long)headerBytes, end);
        return new SafetensorsFile(metadata, tensors.ToImmutable());
    }

    private static SafetensorsTensor ParseTensor(JsonProperty entry)
    {
        Assert.Equal(["data_offsets", "dtype", "shape"], entry.Value.EnumerateObject().Select(property => property.Name).Order());
        var offsets = entry.Value.GetProperty("data_offsets");
        Assert.Equal(2, offsets.GetArrayLength());
        return new SafetensorsTensor(
            entry.Name,
            entry.Value.GetProperty("dtype").GetString()!,
            [.. entry.Value.GetProperty("shape").EnumerateArray().Select(dimension => dimension.GetInt64())],
            offsets[0].GetInt64(),
            offsets[1].GetInt64());
    }
}
