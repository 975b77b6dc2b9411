using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Memory;
using Gemini.Silo.Registration;

namespace Gemini.Silo.Persistence;

/// <summary>Registration of the storage tier.</summary>
internal static class PersistenceRegistration
{
    /// <param name="services">The host's services.</param>
    /// <param name="place">The place where snapshots are stored; null: nowhere.</param>
    /// <param name="options">How long the host waits for storage.</param>
    public static IServiceCollection AddGeminiPersistence(this IServiceCollection services, StoragePlace? place, PersistenceOptions options) => services
        .AddRoomOptions(options, PersistenceOptionsValidator.Validate)
        .AddSingleton(provider => place is null ? HostStorage.None(provider.GetRequiredService<TimeProvider>()) : Create(provider, place));

    private static HostStorage Create(IServiceProvider services, StoragePlace place)
    {
        var (job, memory) = (services.GetRequiredService<JobSpec>(), services.GetRequiredService<HostMemory>());
        return HostStorage.Create(
            job, new DirectoryStore(place.Directory, job, new PosixStoreFiles(place.GroupReads)), memory,
            new StagingArea(services.GetRequiredService<HostPaths>(), job.Name, memory.ChunkBytes), services.GetRequiredService<HostState>(),
            services.Options<PersistenceOptions>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILoggerFactory>());
    }
}
