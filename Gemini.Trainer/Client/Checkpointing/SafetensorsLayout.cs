using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// The layout of a snapshot's payload, which is byte for byte a <c>.safetensors</c> file. The layout stays the same for the job's life.
/// </summary>
/// <remarks>
/// <code>
/// u64 length N | JSON, blank padded to N bytes | tensors, back to back, the largest elements first
/// </code>
/// The JSON has a fixed size because room is reserved for each metadata value: blanks after the value fill the rest of its room, which JSON allows
/// between tokens. The first tensor begins at a multiple of <see cref="Alignment"/>. The format allows no holes, so large elements come first: then
/// each tensor begins at a multiple of its element size. If a tensor is the same memory as another tensor (tied weights), the metadata maps its name
/// to the name of that other tensor. Nothing in the payload depends on the epoch or the time: equal state at an equal iteration gives equal bytes.
/// </remarks>
internal sealed class SafetensorsLayout
{
    public const string MetadataKey = "__metadata__";
    public const string FormatKey = "format";
    public const string ReservedPrefix = "gemini.";

    /// <summary>One page, so that a device can read the first tensor directly from the mapped segment.</summary>
    public const int Alignment = 4096;

    /// <summary>Why a whole snapshot with another header cannot be loaded.</summary>
    public const string OfAnotherState =
        "the snapshot belongs to another training state: its names, types, shapes or value sizes differ from the live state; " +
        "start the trainers with the model and options that the job began with";

    private const int LengthBytes = 8;
    private const int MaxIterationDigits = 19;

    private readonly byte[] _template;
    private readonly ValueRoom[] _rooms;
    private readonly IReadOnlyList<StateValue> _values;

    private SafetensorsLayout(byte[] template, ValueRoom[] rooms, IReadOnlyList<StateValue> values, long dataBytes)
    {
        _template = template;
        _rooms = rooms;
        _values = values;
        PayloadBytes = template.Length + dataBytes;
    }

    /// <summary>Bytes before the first tensor.</summary>
    public int HeaderBytes => _template.Length;

    public long PayloadBytes { get; }

    /// <summary>Computes the layout for the state of one rank.</summary>
    public static SafetensorsLayout Create(TrainingState state, int rank, int worldSize)
    {
        var tensors = state.Tensors.ToList();
        if (tensors.Count == 0) throw new ArgumentException("The training state has no tensors.", nameof(state));
        var json = new JsonBuilder();
        json.Append($"{{\"{MetadataKey}\":{{\"{FormatKey}\":\"pt\"");
        json.Append($",\"{ReservedPrefix}rank\":\"{rank}\",\"{ReservedPrefix}world_size\":\"{worldSize}\"");
        foreach (var (name, of) in state.Aliases) json.Append($",{Quote(name)}:{Quote(of)}");
        json.AppendRoom(ReservedPrefix + "iteration", MaxIterationDigits);
        foreach (var value in state.Values) json.AppendRoom(value.Name, value.MaxBytes);
        json.Append("}");
        var offset = 0L;
        foreach (var tensor in tensors)
        {
            var shape = string.Join(',', tensor.Shape.Select(dimension => dimension.ToString(CultureInfo.InvariantCulture)));
            var end = checked(offset + tensor.ByteLength);
            json.Append($",{Quote(tensor.Name)}:{{\"dtype\":\"{tensor.Type}\",\"shape\":[{shape}],\"data_offsets\":[{offset},{end}]}}");
            offset = end;
        }

        json.Append("}");
        return new SafetensorsLayout(json.ToHeader(), [.. json.Rooms], state.Values, offset);
    }

    /// <summary>Writes the header of one snapshot, reading the live values.</summary>
    /// <exception cref="InvalidOperationException">A value is longer than the room reserved for it.</exception>
    public void WriteHeader(Span<byte> target, long iteration)
    {
        _template.CopyTo(target);
        WriteValue(target, _rooms[0], iteration.ToString(CultureInfo.InvariantCulture));
        for (var index = 0; index < _values.Count; index++) WriteValue(target, _rooms[index + 1], _values[index].Get());
    }

    /// <summary>
    /// Reads a header that was written for this layout: the iteration first, then the state's values in order.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// The header belongs to another layout: its length, names, types, shapes or reserved rooms differ. Or a value is not what a header contains.
    /// </exception>
    public (long Iteration, string[] Values) ReadHeader(ReadOnlySpan<byte> header)
    {
        if (!Describes(header)) throw new InvalidDataException(OfAnotherState);
        var values = new string[_rooms.Length];
        for (var index = 0; index < _rooms.Length; index++) values[index] = ReadValue(header.Slice(_rooms[index].Offset, _rooms[index].Bytes));
        return long.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out var iteration)
            ? (iteration, values[1..])
            : throw new InvalidDataException($"the iteration in the payload's header is '{values[0]}'");
    }

    /// <summary>Whether a header belongs to this layout: the same names, types, shapes and reserved rooms.</summary>
    public bool Describes(ReadOnlySpan<byte> header)
    {
        if (header.Length < HeaderBytes) return false;
        var blanked = header[..HeaderBytes].ToArray();
        foreach (var room in _rooms) _template.AsSpan(room.Offset, room.Bytes).CopyTo(blanked.AsSpan(room.Offset));
        return blanked.AsSpan().SequenceEqual(_template);
    }

    /// <summary>Sets the live values to those that <see cref="ReadHeader"/> returned.</summary>
    public void SetValues(string[] values)
    {
        for (var index = 0; index < _values.Count; index++) _values[index].Set(values[index]);
    }

    private static void WriteValue(Span<byte> target, ValueRoom room, string value)
    {
        var bytes = JsonText.Quote(value);
        if (bytes.Length > room.Bytes)
            throw new InvalidOperationException(
                $"Value {room.Name} takes {bytes.Length - 2} bytes of UTF-8; AddValue reserved {room.Bytes - 2} for it. " +
                "Reserve the most bytes that the value can take.");
        var place = target.Slice(room.Offset, room.Bytes);
        place.Fill((byte)' ');
        bytes.CopyTo(place);
    }

    private static string ReadValue(ReadOnlySpan<byte> token)
    {
        try
        {
            var reader = new Utf8JsonReader(token);
            return reader.Read() && reader.TokenType == JsonTokenType.String
                ? reader.GetString()!
                : throw new InvalidDataException("a value in the payload's header is not a text");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Not JSON, or a text whose bytes or escapes are no Unicode.
            throw new InvalidDataException("a value in the payload's header is not a text", error);
        }
    }

    private static string Quote(string text) => Encoding.UTF8.GetString(JsonText.Quote(text));

    /// <summary>A metadata value's place in the header, quotation marks included.</summary>
    private sealed record ValueRoom(string Name, int Offset, int Bytes);

    private sealed class JsonBuilder
    {
        private readonly List<byte> _bytes = [];

        public List<ValueRoom> Rooms { get; } = [];

        public void Append(FormattableString text) => Append(FormattableString.Invariant(text));

        public void Append(string text) => _bytes.AddRange(Encoding.UTF8.GetBytes(text));

        public void AppendRoom(string name, int maxBytes)
        {
            Append($",{Quote(name)}:");
            var room = new ValueRoom(name, LengthBytes + _bytes.Count, maxBytes + 2);
            Rooms.Add(room);
            Append("\"\"".PadRight(room.Bytes));
        }

        public byte[] ToHeader()
        {
            var total = (LengthBytes + _bytes.Count + Alignment - 1) / Alignment * Alignment;
            var header = new byte[total];
            BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)(total - LengthBytes));
            header.AsSpan(LengthBytes).Fill((byte)' ');
            _bytes.CopyTo(header, LengthBytes);
            return header;
        }
    }
}
