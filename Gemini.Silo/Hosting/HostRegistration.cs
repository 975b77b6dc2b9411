using Gemini.Interfaces.Wire;
using Gemini.Silo.Configuration;
using Gemini.Silo.Registration;

namespace Gemini.Silo.Hosting;

/// <summary>Registers what all rooms of a host share, and the host's own lifetime.</summary>
internal static class HostRegistration
{
    /// <summary>Bounds a clean stop: trainers are told to exit, the silo leaves the cluster.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    public static IServiceCollection AddGeminiHost(this IServiceCollection services, HostConfiguration configuration, StopSignals signals)
    {
        services.AddRoomOptions(configuration, HostConfigurationValidator.Validate);
        services.AddSingleton(configuration);
        services.AddSingleton(configuration.Paths);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(JobSecret.Load(configuration.SecretFile));
        services.AddSingleton(signals);
        services.AddSingleton<IHostLifetime, CommandLifetime>();
        services.AddSingleton<Departure>();
        services.Configure<HostOptions>(options => options.ShutdownTimeout = StopLimit);
        services.AddSingleton<HostLifetime>();
        services.AddHostedService(provider => provider.GetRequiredService<HostLifetime>());
        services.AddHostedService<MembershipKeeper>();
        return services;
    }
}
