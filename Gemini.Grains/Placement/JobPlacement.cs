using Gemini.Grains.Placement.Domains;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Placement;

/// <summary>A job's placement. It depends only on the job's specification, so every host computes the same one. Pure.</summary>
public static class JobPlacement
{
    /// <summary>Which positions hold whose copies.</summary>
    /// <exception cref="ArgumentException">The placement does not exist for N and m. Configurations are checked for this before.</exception>
    public static PlacementPlan PlanOf(JobSpec job) => PlacementPlans.Create(job.Placement, job.HostCount, job.Replicas);

    /// <summary>Which host takes which position at the first start, and which failure domains the holders of a shard then share.</summary>
    public static DomainArrangement ArrangementOf(JobSpec job)
    {
        var labels = new HostLabelBook(job);
        return DomainPlacement.Arrange(
            [.. job.Hosts.Select(host => new LabelledHost(host, labels.Of(host, [])))], job.Replicas, job.Domains, job.Placement);
    }
}
