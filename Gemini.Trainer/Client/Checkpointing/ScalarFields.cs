using System.Buffers.Binary;
using System.Reflection;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>Number fields of TorchSharp objects as tensors of a training state. TorchSharp offers no other access to these numbers.</summary>
internal static class ScalarFields
{
    private const BindingFlags Own =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>All instance fields of a type and its bases, the bases' first.</summary>
    public static IEnumerable<FieldInfo> Of(Type type) =>
        type.BaseType is { } parent && parent != typeof(object)
            ? Of(parent).Concat(type.GetFields(Own))
            : type.GetFields(Own);

    /// <summary>The element type of a number or Boolean field, nullable or not; null if the field has another type.</summary>
    public static SafetensorsType? TypeOf(FieldInfo field)
    {
        var type = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
        return Type.GetTypeCode(type.IsEnum ? type.GetEnumUnderlyingType() : type) switch
        {
            TypeCode.Boolean => SafetensorsType.BOOL,
            TypeCode.Int32 => SafetensorsType.I32,
            TypeCode.Int64 => SafetensorsType.I64,
            TypeCode.Single => SafetensorsType.F32,
            TypeCode.Double => SafetensorsType.F64,
            _ => null,
        };
    }

    /// <summary>The name of the field; for the backing field of a property, the property's name.</summary>
    public static string NameOf(FieldInfo field) => field.Name.StartsWith('<')
        ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)]
        : field.Name;

    /// <summary>One number of one object.</summary>
    public static StagedTensor One(string name, FieldInfo field, object owner) => Staged(name, field, [owner], []);

    /// <summary>The same number of several objects, in their order.</summary>
    public static StagedTensor Many(string name, FieldInfo field, IReadOnlyList<object> owners) =>
        Staged(name, field, owners, [owners.Count]);

    /// <summary>The numbers of a list whose length does not change.</summary>
    public static StagedTensor List(string name, IList<double> values)
    {
        var count = values.Count;
        return new StagedTensor(
            name,
            SafetensorsType.F64,
            [count],
            bytes =>
            {
                if (values.Count != count)
                    throw new InvalidOperationException($"{name} had {count} numbers and has {values.Count}.");
                for (var index = 0; index < count; index++)
                    BinaryPrimitives.WriteDoubleLittleEndian(bytes[(index * sizeof(double))..], values[index]);
            },
            bytes =>
            {
                for (var index = 0; index < count; index++)
                    values[index] = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(index * sizeof(double))..]);
            });
    }

    private static StagedTensor Staged(string name, FieldInfo field, IReadOnlyList<object> owners, long[] shape)
    {
        var type = TypeOf(field)!.Value;
        var size = type.SizeBytes();
        return new StagedTensor(
            name,
            type,
            shape,
            bytes =>
            {
                for (var index = 0; index < owners.Count; index++)
                {
                    var value = field.GetValue(owners[index]) ?? throw new InvalidOperationException($"{name} has no value.");
                    Write(bytes.Slice(index * size, size), type, value);
                }
            },
            bytes =>
            {
                for (var index = 0; index < owners.Count; index++)
                    field.SetValue(owners[index], Read(bytes.Slice(index * size, size), type, field));
            });
    }

    private static void Write(Span<byte> bytes, SafetensorsType type, object value)
    {
        switch (type)
        {
            case SafetensorsType.BOOL:
                bytes[0] = (bool)value ? (byte)1 : (byte)0;
                break;
            case SafetensorsType.I32:
                BinaryPrimitives.WriteInt32LittleEndian(bytes, Convert.ToInt32(value, null));
                break;
            case SafetensorsType.I64:
                BinaryPrimitives.WriteInt64LittleEndian(bytes, Convert.ToInt64(value, null));
                break;
            case SafetensorsType.F32:
                BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)value);
                break;
            default:
                BinaryPrimitives.WriteDoubleLittleEndian(bytes, (double)value);
                break;
        }
    }

    private static object Read(ReadOnlySpan<byte> bytes, SafetensorsType type, FieldInfo field)
    {
        object value = type switch
        {
            SafetensorsType.BOOL => bytes[0] != 0,
            SafetensorsType.I32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            SafetensorsType.I64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            SafetensorsType.F32 => BinaryPrimitives.ReadSingleLittleEndian(bytes),
            _ => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        };
        var target = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
        return target.IsEnum ? Enum.ToObject(target, value) : value;
    }
}
