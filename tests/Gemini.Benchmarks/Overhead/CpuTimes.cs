using System.Diagnostics;
using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Benchmarks.Overhead;

/// <summary>How much processor time a cluster's processes have used.</summary>
/// <param name="Silos">All silos together.</param>
/// <param name="Trainers">All trainers together.</param>
internal readonly record struct CpuTimes(TimeSpan Silos, TimeSpan Trainers)
{
    public static CpuTimes Of(LocalCluster cluster, JobStatus status) => new(
        Sum(cluster.Hosts.Select(host => host.ProcessId)),
        Sum(cluster.Hosts.SelectMany(host => cluster.TrainersOf(new HostName(host.Name), status))));

    public static CpuTimes operator -(CpuTimes later, CpuTimes earlier) => new(later.Silos - earlier.Silos, later.Trainers - earlier.Trainers);

    private static TimeSpan Sum(IEnumerable<int> processes) => processes.Aggregate(TimeSpan.Zero, (sum, id) => sum + Of(id));

    private static TimeSpan Of(int processId)
    {
        using var process = Process.GetProcessById(processId);
        return process.TotalProcessorTime;
    }
}
