using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Placement.Domains;

/// <summary>Looks up the labels of a host: in the job's specification or, if the host is not in it, in the host's own report.</summary>
public sealed class HostLabelBook
{
    private readonly ImmutableArray<string> _domains;
    private readonly Dictionary<HostName, HostLabels> _labels;

    public HostLabelBook(JobSpec job)
    {
        _domains = job.Domains;
        _labels = job.Labels.GroupBy(label => label.Host).ToDictionary(host => host.Key, ToLabels);
    }

    /// <param name="host">Which host.</param>
    /// <param name="own">The labels in the host's own report.</param>
    public HostLabels Of(HostName host, ImmutableArray<HostLabel> own) =>
        _labels.TryGetValue(host, out var known) ? known : own.IsDefaultOrEmpty ? HostLabels.None : ToLabels(own);

    /// <summary>Such as "rack=r7,power=left": first the labels that keep copies apart, in their order, then the others by name.</summary>
    public string TextOf(HostName host, ImmutableArray<HostLabel> own)
    {
        var values = Of(host, own).Values;
        if (values.IsEmpty) return "";
        var names = _domains.Where(values.ContainsKey).Concat(values.Keys.Where(name => !_domains.Contains(name)));
        return string.Join(',', names.Select(name => $"{name}={values[name]}"));
    }

    private static HostLabels ToLabels(IEnumerable<HostLabel> labels) =>
        new(HostLabels.None.Values.AddRange(labels.Select(label => KeyValuePair.Create(label.Name, label.Value))));
}
