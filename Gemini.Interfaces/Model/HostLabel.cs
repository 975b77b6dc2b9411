namespace Gemini.Interfaces.Model;

/// <summary>One thing that an operator says about where a host stands, such as rack = r7. Names and values are compared as written.</summary>
[GenerateSerializer, Immutable, Alias("gemini.HostLabel")]
public sealed record HostLabel(HostName Host, string Name, string Value)
{
    public override string ToString() => $"{Host}:{Name}={Value}";
}
