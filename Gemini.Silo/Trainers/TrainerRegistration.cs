using Gemini.Grains.Health;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Registration;

namespace Gemini.Silo.Trainers;

/// <summary>Registration of the supervision of a host's trainers.</summary>
internal static class TrainerRegistration
{
    /// <summary>Adds the supervisor and the probe. The caller registers <see cref="JobSpec"/>, <see cref="HostPaths"/> and <see cref="JobSecret"/>.</summary>
    public static IServiceCollection AddGeminiTrainers(this IServiceCollection services, HostName host, TrainerOptions options) => services
        .AddRoomOptions(options, TrainerLimitsValidator.Validate)
        .AddSingleton(provider => new TrainerSupervisor(
            provider.GetRequiredService<JobSpec>(), host, provider.GetRequiredService<HostPaths>(), provider.Options<TrainerOptions>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<TrainerSupervisor>>()))
        .AddSingleton<ITrainerProbe>(provider => new TrainerProbe(
            provider.GetRequiredService<JobSecret>(), provider.GetRequiredService<TimeProvider>()));
}
