namespace Gemini.Interfaces.Model;

/// <summary>Orders all directives that a host can get: by epoch, then by step. A host ignores an older directive.</summary>
[GenerateSerializer, Immutable, Alias("gemini.DirectiveVersion")]
public readonly record struct DirectiveVersion(Epoch Epoch, DirectiveStep Step) : IComparable<DirectiveVersion>
{
    public int CompareTo(DirectiveVersion other) =>
        Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch) : Step.CompareTo(other.Step);

    public static bool operator <(DirectiveVersion left, DirectiveVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(DirectiveVersion left, DirectiveVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(DirectiveVersion left, DirectiveVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(DirectiveVersion left, DirectiveVersion right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Epoch}.{Step}";
}
