using System.Globalization;
using System.Text.Json;
using Gemini.Grains.Health;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Configuration;
using Gemini.Silo.Hosting;
using Gemini.Silo.Trainers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gemini.Benchmarks.ControlPlane.Cluster;

/// <summary>
/// One silo process of the measured cluster: the product's silo, with the root agent, the checkpoint groups, or some hosts. It takes its orders from its
/// input, one a line, and ends with it.
/// </summary>
internal static class PlayedSilo
{
    public static async Task<int> RunAsync(CancellationToken ct)
    {
        if (await Console.In.ReadLineAsync(ct) is not { } first) return ExitCodes.BadInput;
        var settings = JsonSerializer.Deserialize<PlayedSiloSettings>(first)!;
        using var meter = new UsageMeter();
        using var app = Build(settings);
        await app.StartAsync(ct);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using var hosts = new PlayedHosts(app.Services, end.Token);
        await SayAsync("up");
        PlayedTraining? training = null;
        while (await Console.In.ReadLineAsync(ct) is { } line)
        {
            var words = line.Split(' ');
            var moment = long.Parse(words[1], CultureInfo.InvariantCulture);
            switch (words[0])
            {
                case PlayedOrder.Form:
                    await WallClock.UntilAsync(moment, ct);
                    var forming = await hosts.FormAsync();
                    await SayAsync(forming.ToString(CultureInfo.InvariantCulture));
                    break;
                case PlayedOrder.Train:
                    training = new PlayedTraining(hosts.All, moment);
                    if (hosts.All.Count > 0) _ = training.RunAsync(end.Token);
                    break;
                case PlayedOrder.Measure:
                    var until = long.Parse(words[2], CultureInfo.InvariantCulture);
                    await SayAsync(JsonSerializer.Serialize(await MeasureAsync(meter, moment, until, training, hosts.All, ct)));
                    break;
                default:
                    throw new InvalidOperationException($"the order \"{line}\" is not known");
            }
        }

        await end.CancelAsync();
        return ExitCodes.Success;
    }

    private static async Task<SiloMeasurement> MeasureAsync(
        UsageMeter meter, long from, long to, PlayedTraining? training, IReadOnlyList<PlayedHost> hosts, CancellationToken ct)
    {
        await WallClock.UntilAsync(from, ct);
        var before = meter.Now;
        await WallClock.UntilAsync(to, ct);
        var usage = meter.Now - before;
        // The last iteration's commit may still be under way.
        await WallClock.UntilAsync(to + (long)PlayedTraining.Period.TotalMilliseconds, ct);
        var latencies = hosts.Count == 0 || training is null ? [] : training.Latencies(from, to).ToArray();
        return new SiloMeasurement(usage, latencies, hosts.Select(host => host.Epoch.Value).DefaultIfEmpty().Max());
    }

    private static IHost Build(PlayedSiloSettings settings)
    {
        var configuration = settings.ToConfiguration();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
        builder.UseOrleans(silo =>
        {
            silo.AddGeminiSilo(configuration);
            silo.AddPlayedPlacement();
        });
        builder.Services
            .AddSingleton(settings)
            .AddSingleton(TimeProvider.System)
            .AddSingleton(new JobSecret(settings.Secret))
            .AddSingleton<ITrainerProbe>(services => new TrainerProbe(services.GetRequiredService<JobSecret>(), TimeProvider.System))
            .AddSingleton<IControlPlane, Gemini.Grains.Hosts.ControlPlane>()
            .AddSingleton(services => PlayedHosts.Make(settings, services))
            .AddTransient<IWorkerService>(services => HostOf(services).Agent)
            .AddTransient(services => HostOf(services).Identity);
        return builder.Build();
    }

    /// <summary>The host that the grain under construction belongs to.</summary>
    private static PlayedHost HostOf(IServiceProvider services)
    {
        var grain = services.GetRequiredService<IGrainContextAccessor>().GrainContext.GrainId;
        return services.GetRequiredService<IReadOnlyDictionary<HostName, PlayedHost>>()[new HostName(grain.Key.ToString()!)];
    }

    private static async Task SayAsync(string line)
    {
        await Console.Out.WriteLineAsync(line);
        await Console.Out.FlushAsync();
    }
}
