using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Configuration;

/// <summary>The rules of a host configuration. Every message names the property, its value, the rule and the fix.</summary>
public static partial class HostConfigurationValidator
{
    /// <summary>The longest path that a unix socket's address can hold on Linux.</summary>
    private const int MaxSocketPathBytes = 107;

    /// <summary>A week. A longer wait is a typing error.</summary>
    private const double MaxWaitSeconds = 7 * 24 * 3600;

    /// <summary>One line per broken rule; empty when the configuration is sound.</summary>
    public static IReadOnlyList<string> Validate(HostConfiguration configuration)
    {
        var problems = new List<string>();
        CheckNames(configuration, problems);
        CheckJob(configuration.Job, problems);
        CheckPlacement(configuration, problems);
        CheckHost(configuration.Host, problems);
        CheckPaths(configuration, problems);
        if (configuration.Trainer.Spares is < 0 or > 4)
            problems.Add($"trainer.spares is {configuration.Trainer.Spares}, but a trainer has 0 to 4 spares; 1 is enough for one failure at a time");
        CheckPorts(configuration, problems);
        CheckHealth(configuration, problems);
        CheckAdvanced(configuration.Advanced, problems);
        if (configuration.Storage is { } storage) CheckStorage(storage, problems);
        else if (CheckpointPolicy.Of(configuration.Job.CheckpointMode) is { SaveWait: SaveWait.Staged })
            problems.Add($"job.checkpointMode is {configuration.Job.CheckpointMode}, which recovers from storage alone; add \"storage\", or use \"marked\"");
        if (configuration.Machines is { } machines) problems.AddRange(MachinesValidator.Validate(machines));
        if (configuration.DrillSocket is { } drill && !configuration.StopWhenInputEnds)
            problems.Add($"drillSocket is \"{drill}\", but a drill can pause only hosts that \"gemini drill\" started; remove drillSocket");
        return problems;
    }

    private static void CheckNames(HostConfiguration configuration, List<string> problems)
    {
        CheckName("job.name", configuration.Job.Name, problems);
        CheckName("host.name", configuration.Host.Name, problems);
        foreach (var host in configuration.Job.Hosts) CheckName("job.hosts", host, problems);
        foreach (var host in configuration.Job.Standbys) CheckName("job.standbys", host, problems);
    }

    private static void CheckName(string property, string name, List<string> problems)
    {
        if (name.Length == 0)
            problems.Add($"{property} is missing. Give it a name such as \"{(property == "job.name" ? "my-job" : "host-a")}\"");
        else if (!Name().IsMatch(name))
            problems.Add($"{property} is \"{name}\", but a name has letters, digits, '-', '_' and '.' only, and at most 63 of them; rename it");
    }

    private static void CheckJob(JobConfiguration job, List<string> problems)
    {
        if (job.Hosts.IsDefaultOrEmpty)
            problems.Add("job.hosts is empty. List the hosts that train, such as [\"host-a\", \"host-b\"]");
        else if (job.Hosts.GroupBy(host => host).FirstOrDefault(group => group.Count() > 1) is { } twice)
            problems.Add($"job.hosts names \"{twice.Key}\" {twice.Count()} times, but names are unique; remove or rename it");
        if (job.Standbys.FirstOrDefault(host => job.Hosts.Contains(host) || job.Standbys.Count(other => other == host) > 1) is { } again)
            problems.Add($"job.standbys names \"{again}\", which job.hosts or job.standbys names already, but names are unique; remove or rename it");
        if (job.RanksPerHost < 1)
            problems.Add($"job.ranksPerHost is {job.RanksPerHost}, but a host has at least 1 trainer; set it to the number of accelerators");
        if (job.Replicas < 1 || (!job.Hosts.IsDefaultOrEmpty && job.Replicas > job.Hosts.Length))
            problems.Add(Replicas("job.replicas", job.Replicas, job.Hosts.IsDefaultOrEmpty ? 0 : job.Hosts.Length));
        if (job.BaselineInterval is not (0 or (>= 10 and <= 1_000_000)))
        {
            problems.Add($"job.baselineInterval is {job.BaselineInterval}, but iterations without a checkpoint are 10 to 1,000,000 apart; "
                + "use 50, or 0 for none");
        }
    }

    /// <summary>The message for a wrong number of replicas. The file and the command line share it.</summary>
    internal static string Replicas(string property, int replicas, int hosts) => replicas < 1
        ? $"{property} is {replicas}, but every shard has at least 1 copy; 2 survives the loss of any host"
        : $"{property} is {replicas}, but there are only {hosts} hosts and no host keeps two copies of a shard; use at most {hosts}, or more hosts";

    private static void CheckHost(HostIdentityConfiguration host, List<string> problems)
    {
        CheckAddress("host.address", host.Address, problems);
        if (host.CheckpointAddress.Length > 0) CheckAddress("host.checkpointAddress", host.CheckpointAddress, problems);
        ImmutableArray<(string Property, int Port)> ports =
        [
            ("host.siloPort", host.SiloPort), ("host.gatewayPort", host.GatewayPort), ("host.dataPort", host.DataPort), ("host.webPort", host.WebPort),
        ];
        foreach (var (property, port) in ports.Where(port => port.Port is < 1 or > 65535 && port != ("host.webPort", 0)))
            problems.Add($"{property} is {port}, but a port is 1 to 65535; choose a free one");
        foreach (var same in ports.Where(port => port.Port != 0).GroupBy(port => port.Port).Where(group => group.Count() > 1))
            problems.Add($"{string.Join(" and ", same.Select(port => port.Property))} are both {same.Key}, but each needs a port of its own; change one");
    }

    private static void CheckAddress(string property, string value, List<string> problems)
    {
        if (!IPAddress.TryParse(value, out var address))
            problems.Add($"{property} is \"{value}\", but must be an IP address of this host; see: ip address");
        else if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            problems.Add($"{property} is \"{value}\", but other hosts connect to it; name one address of this host; see: ip address");
    }

    private static void CheckPaths(HostConfiguration configuration, List<string> problems)
    {
        if (configuration.Redis.Length == 0)
            problems.Add("redis is empty. Give the server's \"address:port\", such as \"127.0.0.1:6379\"");
        if (configuration.SecretFile.Length == 0)
            problems.Add("secretFile is missing. Make one with: head -c 32 /dev/urandom | base64 > job.key; chmod 600 job.key");
        if (configuration.MemoryRoot.Length == 0)
            problems.Add($"memoryRoot is empty. Leave it out for {HostPaths.DefaultRoot}, or name a folder on a tmpfs");
        if (!(configuration.RedisWaitSeconds is >= 0 and <= MaxWaitSeconds))
            problems.Add($"redisWaitSeconds is {configuration.RedisWaitSeconds}, but a host waits 0 seconds to a week; use a number such as 120");
        var socketBytes = Encoding.UTF8.GetByteCount(configuration.Paths.TrainerSocket);
        if (socketBytes > MaxSocketPathBytes)
            problems.Add($"memoryRoot, job.name and host.name make the socket path {configuration.Paths.TrainerSocket} of {socketBytes} bytes, "
                + $"but a unix socket's path has at most {MaxSocketPathBytes}; shorten one of them");
    }

    private static void CheckPorts(HostConfiguration configuration, List<string> problems)
    {
        var trainer = configuration.Trainer;
        var needed = 2 * configuration.Job.RanksPerHost * (1 + trainer.Spares);
        if (!PortRange.TryParse(trainer.Ports, out var ports))
            problems.Add($"trainer.ports is \"{trainer.Ports}\", but must be a range such as \"20000-20031\"; or leave it out for any free port");
        else if (ports.Count > 0 && ports.Count < needed)
            problems.Add($"trainer.ports is \"{trainer.Ports}\", {ports.Count} ports, but each trainer and each spare of this host takes two; "
                + $"use at least {needed}");
    }

    private static void CheckStorage(StorageConfiguration storage, List<string> problems)
    {
        if (storage.Directory.Length == 0)
            problems.Add("storage.directory is missing. Name a directory that all hosts see, or leave \"storage\" out");
        if (storage.EverySeconds is { } seconds && storage.EveryIterations is not null)
            problems.Add($"storage.everySeconds is {seconds} and storage.everyIterations {storage.EveryIterations}, but only one can decide; remove one");
        if (storage.EverySeconds < 0)
            problems.Add($"storage.everySeconds is {storage.EverySeconds}, but must not be negative; "
                + "10800 means every 3 hours, 0 means as often as storage allows");
        if (storage.EveryIterations < 1)
            problems.Add($"storage.everyIterations is {storage.EveryIterations}, but must be at least 1; or leave it out and set everySeconds");
        if (!(storage.StopSeconds is >= 0 and <= MaxWaitSeconds))
            problems.Add($"storage.stopSeconds is {storage.StopSeconds}, but a host waits 0 seconds to a week; use a number such as 20");
        if (storage.Keep < 1)
            problems.Add($"storage.keep is {storage.Keep}, but the newest snapshot is always kept; use 1 or more");
    }

    [GeneratedRegex("^[A-Za-z0-9_-][A-Za-z0-9._-]{0,62}$")]
    private static partial Regex Name();
}
