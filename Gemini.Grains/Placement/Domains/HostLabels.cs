using System.Collections.Immutable;

namespace Gemini.Grains.Placement.Domains;

/// <summary>Where a host stands, as the configuration says: name → value, such as rack → r7, power → left.</summary>
/// <remarks>Names and values are compared as they are written. Equal when they have the same names with the same values.</remarks>
public sealed record HostLabels(ImmutableSortedDictionary<string, string> Values)
{
    public static HostLabels None { get; } = new(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));

    /// <summary>Null if the host has no such label.</summary>
    public string? ValueOf(string name) => Values.GetValueOrDefault(name);

    /// <summary>Reads "rack=r7,power=left"; blanks around names and values are dropped, an empty text is no labels.</summary>
    /// <exception cref="FormatException">A part is not name=value, or a name comes twice. The message says which.</exception>
    public static HostLabels Parse(string text)
    {
        var values = None.Values.ToBuilder();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = part.Split('=', 2, StringSplitOptions.TrimEntries);
            if (pair.Length != 2 || pair[0].Length == 0 || pair[1].Length == 0)
                throw new FormatException($"label \"{part}\" is not name=value; write it such as \"rack=r7\"");
            if (!values.TryAdd(pair[0], pair[1]))
                throw new FormatException($"label \"{pair[0]}\" is given twice; a host is in one domain of each kind, so keep one");
        }

        return new HostLabels(values.ToImmutable());
    }

    public bool Equals(HostLabels? other) => other is not null && Values.SequenceEqual(other.Values);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>As <see cref="Parse"/> reads it, names in order.</summary>
    public override string ToString() => string.Join(',', Values.Select(value => $"{value.Key}={value.Value}"));
}
