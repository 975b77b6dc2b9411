namespace Gemini.Interfaces.Model;

/// <summary>The name of a host, unique in its cluster. It is also the name of the host's silo.</summary>
[GenerateSerializer, Immutable, Alias("gemini.HostName")]
public readonly record struct HostName(string Value) : IComparable<HostName>
{
    public int CompareTo(HostName other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;
}
