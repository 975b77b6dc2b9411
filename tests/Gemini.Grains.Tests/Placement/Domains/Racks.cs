using System.Collections.Immutable;
using Gemini.Grains.Placement.Domains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Placement.Domains;

/// <summary>Hosts with labels, from domain numbers.</summary>
internal static class Racks
{
    public static ImmutableArray<string> RackOnly { get; } = ["rack"];

    public static ImmutableArray<string> RackThenPower { get; } = ["rack", "power"];

    /// <summary>Host i is in rack racks[i].</summary>
    public static ImmutableArray<LabelledHost> Of(params int[] racks) =>
        [.. racks.Select((rack, index) => new LabelledHost(new HostName($"host-{index}"), HostLabels.Parse($"rack=r{rack}")))];

    /// <summary>Host i is in rack racks[i], on power line lines[i].</summary>
    public static ImmutableArray<LabelledHost> Of(int[] racks, int[] lines) =>
        [.. racks.Zip(lines).Select((at, index) => new LabelledHost(new HostName($"host-{index}"), HostLabels.Parse($"rack=r{at.First},power=p{at.Second}")))];

    /// <summary>Every way to divide n hosts among domains, as domain numbers in order of first appearance.</summary>
    public static IEnumerable<int[]> Partitions(int hosts)
    {
        IEnumerable<ImmutableArray<int>> some = [[]];
        for (var host = 0; host < hosts; host++)
            some = some.SelectMany(part => Enumerable.Range(0, part.Length == 0 ? 1 : part.Max() + 2).Select(domain => part.Add(domain)));
        return some.Select(part => part.ToArray());
    }

    /// <summary>
    /// Like <see cref="Partitions"/>, but only one for each set of domain sizes: with a single label, all others differ only in names.
    /// </summary>
    public static IEnumerable<int[]> Sizes(int hosts) =>
        Partitions(hosts).DistinctBy(part => string.Join(',', part.GroupBy(domain => domain).Select(domain => domain.Count()).Order()));
}
