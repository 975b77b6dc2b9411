namespace Gemini.Silo.Configuration;

// Placement, labels and failure domains.
public static partial class HostConfigurationValidator
{
    private static void CheckPlacement(HostConfiguration configuration, List<string> problems)
    {
        var job = configuration.Job;
        if (job.Placement is not ("mixed" or "group" or "ring"))
        {
            problems.Add($"job.placement is \"{job.Placement}\", but there are \"mixed\", \"group\" and \"ring\"; use \"mixed\", or leave it out");
        }
        else if (job is { Placement: "group", Hosts.IsDefaultOrEmpty: false, Replicas: > 0 } && job.Hosts.Length % job.Replicas != 0)
        {
            var (hosts, replicas) = (job.Hosts.Length, job.Replicas);
            problems.Add($"job.placement is \"group\", but {hosts} hosts are no multiple of {replicas} replicas; "
                + $"use \"mixed\", or {hosts - (hosts % replicas)} or {hosts + replicas - (hosts % replicas)} hosts");
        }

        foreach (var (host, labels) in job.Labels)
        {
            CheckName("job.labels", host, problems);
            CheckLabels($"job.labels.{host}", labels, problems);
        }

        CheckLabels("host.labels", configuration.Host.Labels, problems);
        CheckOwnLabels(configuration, problems);
        CheckDomains(job, problems);
    }

    private static void CheckLabels(string property, IReadOnlyDictionary<string, string> labels, List<string> problems)
    {
        foreach (var (name, value) in labels.Where(label => !Name().IsMatch(label.Key) || !Name().IsMatch(label.Value ?? "")))
        {
            problems.Add($"{property} has \"{name}\": \"{value}\", but names and values have letters, digits, '-', '_' and '.' only, "
                + "and at most 63 of them; rename it");
        }
    }

    private static void CheckOwnLabels(HostConfiguration configuration, List<string> problems)
    {
        if (configuration.Host.Labels.IsEmpty) return;
        var host = configuration.Host.Name;
        if (!configuration.Job.Hosts.IsDefaultOrEmpty && configuration.Job.Hosts.Contains(host))
            problems.Add($"host.labels is set, but {host} trains, and all hosts must agree on the labels of training hosts; move it to job.labels");
        else if (configuration.Job.Labels.ContainsKey(host))
            problems.Add($"host.labels is set, but job.labels has {host} too; keep one of them");
    }

    private static void CheckDomains(JobConfiguration job, List<string> problems)
    {
        if (job.Domains.IsDefaultOrEmpty) return;
        if (job.Domains.GroupBy(label => label).FirstOrDefault(group => group.Count() > 1) is { } twice)
            problems.Add($"job.domains names \"{twice.Key}\" {twice.Count()} times; the first one decides its priority, so remove the others");
        foreach (var label in job.Domains.Distinct().Where(label => !job.Labels.Any(host => IsTraining(host.Key) && host.Value.ContainsKey(label))))
        {
            problems.Add($"job.domains names \"{label}\", but no host that trains has such a label; "
                + $"say in job.labels where hosts stand, such as \"{(job.Hosts.IsDefaultOrEmpty ? "host-a" : job.Hosts[0])}\": {{ \"{label}\": \"1\" }}");
        }

        bool IsTraining(string host) => !job.Hosts.IsDefaultOrEmpty && job.Hosts.Contains(host);
    }
}
