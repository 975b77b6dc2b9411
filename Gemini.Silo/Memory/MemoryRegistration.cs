using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Registration;

namespace Gemini.Silo.Memory;

/// <summary>Registration of a host's memory.</summary>
internal static class MemoryRegistration
{
    /// <summary>Adds the memory. The caller registers <see cref="HostPaths"/> and <see cref="JobSpec"/>.</summary>
    public static IServiceCollection AddGeminiMemory(this IServiceCollection services, HostMemoryOptions options) => services
        .AddRoomOptions(options, HostMemoryOptionsValidator.Validate)
        .AddSingleton(provider => new HostMemory(
            provider.GetRequiredService<HostPaths>(), provider.GetRequiredService<JobSpec>().Name, provider.Options<HostMemoryOptions>(),
            provider.GetRequiredService<ILogger<HostMemory>>()));

    /// <summary>Adds the search for bits that flipped in memory. The caller registers <see cref="IChunkSource"/>.</summary>
    public static IServiceCollection AddGeminiScrub(this IServiceCollection services, ScrubOptions options) => services
        .AddRoomOptions(options, ScrubOptionsValidator.Validate)
        .AddSingleton(provider => new Scrubber(
            provider.GetRequiredService<HostMemory>(), provider.GetRequiredService<IChunkSource>(), provider.Options<ScrubOptions>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Scrubber>>()));
}
