using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Hosting;

namespace Gemini.Grains.Hosting;

/// <summary>Registration of the control plane in a silo.</summary>
public static class GeminiGrains
{
    /// <summary>The grain storage provider that keeps the root agent's record. The silo registers it.</summary>
    public const string RecordStorage = "gemini";

    /// <summary>The key of a job's checkpoint group.</summary>
    public static string GroupKey(JobSpec job, int group) => $"{job.Name}/group-{group}";

    /// <summary>
    /// Adds placement and directory of the pinned grains. The caller registers the worker agent (<see cref="IWorkerService"/>), the host's identity
    /// and storage.
    /// </summary>
    public static ISiloBuilder AddGeminiGrains(this ISiloBuilder silo, JobSpec job)
    {
        silo.Services.AddSingleton(job);
        silo.Services.AddSingleton<DirectoryEntries>();
        silo.AddIncomingGrainCallFilter<InvariantGuard>();
        silo.AddPlacementDirector<HostPinnedPlacement, HostPinnedDirector>();
        silo.AddGrainDirectory(NoDirectory.Name, (_, _) => new NoDirectory());
        return silo;
    }
}
