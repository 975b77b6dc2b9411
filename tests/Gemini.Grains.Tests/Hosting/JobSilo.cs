using Gemini.Grains.Health;
using Gemini.Grains.Hosting;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.DependencyInjection;

namespace Gemini.Grains.Tests.Hosting;

/// <summary>The services of every silo under test, whatever its storage.</summary>
internal static class JobSilo
{
    /// <summary>The grains of a job, on a host that only records the calls to it. No probe reaches its trainers.</summary>
    public static ISiloBuilder AddJob(this ISiloBuilder silo, JobSpec job, string host)
    {
        silo.AddGeminiGrains(job);
        silo.Services.AddSingleton(TimeProvider.System);
        silo.Services.AddSingleton<ITrainerProbe, UnknownTrainers>();
        silo.Services.AddSingleton(new RecordingAgent(new HostName(host), job));
        silo.Services.AddSingleton<IWorkerService>(services => services.GetRequiredService<RecordingAgent>());
        silo.Services.AddSingleton(new HostIdentity(new HostName(host), 1, "127.0.0.1:1", ""));
        return silo;
    }
}
