using System.Collections.Immutable;

namespace Gemini.Grains.Placement.Domains;

/// <summary>Which hosts fail together, by one label: hosts with the same value are one domain.</summary>
/// <remarks>A host without the label is a domain of its own: it is not known to share anything.</remarks>
public sealed class FailureDomains
{
    private readonly ImmutableArray<int> _domainOf;
    private readonly ImmutableArray<string> _names;
    private readonly ImmutableArray<int> _sizes;

    private FailureDomains(string label, ImmutableArray<int> domainOf, ImmutableArray<string> names, int unlabelledCount)
    {
        (Label, _domainOf, _names, UnlabelledCount) = (label, domainOf, names, unlabelledCount);
        var sizes = new int[names.Length];
        foreach (var domain in domainOf) sizes[domain]++;
        _sizes = [.. sizes];
    }

    public string Label { get; }

    public int HostCount => _domainOf.Length;

    /// <summary>D.</summary>
    public int Count => _names.Length;

    /// <summary>Hosts that do not have the label.</summary>
    public int UnlabelledCount { get; }

    /// <summary>The domains of the hosts at 0 to N-1, numbered in the order of their first hosts.</summary>
    public static FailureDomains Of(string label, ImmutableArray<LabelledHost> hosts)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var names = ImmutableArray.CreateBuilder<string>();
        var domainOf = ImmutableArray.CreateBuilder<int>(hosts.Length);
        var unlabelledCount = 0;
        foreach (var host in hosts)
        {
            var value = host.Labels.ValueOf(label);
            if (value is null) unlabelledCount++;
            if (value is null || !ids.TryGetValue(value, out var id))
            {
                id = names.Count;
                names.Add(value is null ? $"{host.Host} (no {label})" : $"{label}={value}");
                if (value is not null) ids.Add(value, id);
            }

            domainOf.Add(id);
        }

        return new FailureDomains(label, domainOf.MoveToImmutable(), names.ToImmutable(), unlabelledCount);
    }

    /// <summary>0 to D-1.</summary>
    public int DomainOf(int hostIndex) => _domainOf[hostIndex];

    /// <summary>Such as "rack=r7".</summary>
    public string NameOf(int domain) => _names[domain];

    /// <summary>The number of its hosts.</summary>
    public int SizeOf(int domain) => _sizes[domain];
}
