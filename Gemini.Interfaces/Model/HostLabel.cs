namespace Gemini.Interfaces.Model;

/// <summary>One statement of an operator about the location of a host, such as rack = r7. Names and values are compared exactly as written.</summary>
[GenerateSerializer, Immutable, Alias("gemini.HostLabel")]
public sealed record HostLabel(HostName Host, string Name, string Value)
{
    public override string ToString() => $"{Host}:{Name}={Value}";
}
