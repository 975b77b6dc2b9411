using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;
using Gemini.Silo.Machines;
using Gemini.Silo.Memory;
using Gemini.Silo.Persistence;
using Gemini.Silo.Trainers;
using Gemini.Silo.Transfer;
using Microsoft.Extensions.Options;

namespace Gemini.Silo.Hosting;

/// <summary>One host: its silo, its memory, its data port, its trainers and its web page, in one process.</summary>
public static partial class SiloHost
{
    /// <summary>Runs until the process is told to end, the job has ended, or the host cannot take part. Returns the exit code.</summary>
    /// <exception cref="BadInputException">Redis cannot be reached, a port is taken, or the memory root cannot be used.</exception>
    public static async Task<int> RunAsync(HostConfiguration configuration, StopSignals signals)
    {
        await using var app = Build(configuration, signals);
        ValidateOptions(app.Services);
        using var folder = HostLock.Take(configuration);
        if (!await AdmitAsync(configuration, app, signals) || !await StartAsync(app, signals)) return ExitCodes.Success;
        var exitCode = await app.Services.GetRequiredService<Departure>().WaitAsync(signals, app.Lifetime.ApplicationStopping);
        await app.StopAsync(CancellationToken.None);
        return app.Services.GetRequiredService<HostLifetime>().End is { } end ? ExitCodeOf(end) : exitCode;
    }

    /// <summary>A refusal has one exit code, whether it comes before the start or from the root agent.</summary>
    internal static int ExitCodeOf(HostLoopEnd end) => end.IsRefusal ? ExitCodes.BadInput : ExitCodes.Failed;

    /// <summary>False: the process was told to end before the host was up. Everything that had started is stopped.</summary>
    internal static async Task<bool> StartAsync(IHost app, StopSignals signals)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(signals.Stop, signals.Restart);
        try
        {
            await app.StartAsync(end.Token);
            return true;
        }
        catch (Exception) when (end.IsCancellationRequested)
        {
            // Stops every service, however far the start came. A service that had not started does nothing.
            await app.StopAsync(CancellationToken.None);
            return false;
        }
    }

    /// <summary>Changes the specification in the job's record, and starts nothing. Returns what has changed.</summary>
    /// <exception cref="BadInputException">The change is not possible, or not now.</exception>
    public static async Task<ImmutableArray<SpecDifference>> RespecifyAsync(HostConfiguration configuration, CancellationToken ct)
    {
        await using var app = Build(configuration, new StopSignals(ct, CancellationToken.None, CancellationToken.None));
        return await Respecification.RunAsync(configuration, app.Services, TimeProvider.System, ct);
    }

    /// <summary>False: the process was told to end before it was known whether the host may take part.</summary>
    /// <exception cref="BadInputException">The host may not take part.</exception>
    private static async Task<bool> AdmitAsync(HostConfiguration configuration, WebApplication app, StopSignals signals)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(signals.Stop, signals.Restart);
        try
        {
            var notice = await HostAdmission.EnsureAsync(configuration, app.Services, TimeProvider.System, end.Token);
            if (notice is not null) LogNotice(app.Logger, notice);
            return true;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>
    /// Refuses options that cannot work, before anything is touched. The host itself would refuse them too, but only as an unexpected failure.
    /// </summary>
    /// <exception cref="BadInputException">Options break their rules; the message is one line that names each broken rule.</exception>
    internal static void ValidateOptions(IServiceProvider services)
    {
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
        }
        catch (OptionsValidationException broken)
        {
            throw new BadInputException(string.Join("; ", broken.Failures));
        }
    }

    /// <summary>A host consists of the rooms that are listed here. Each room registers its services and its options.</summary>
    private static WebApplication Build(HostConfiguration configuration, StopSignals signals)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Configuration.Sources.Clear();
        HostLogging.Configure(builder.Logging, configuration);
        builder.UseOrleans(silo => silo.AddGeminiSilo(configuration));
        builder.WebHost.AddGeminiWeb(configuration.Host);
        builder.Services
            .AddGeminiHost(configuration, signals)
            .AddGeminiMemory(configuration.Advanced.Memory)
            .AddGeminiScrub(configuration.Advanced.Scrub)
            .AddGeminiTransfer(configuration.HostName, configuration.Advanced.Transfer, configuration.Host.OwnCheckpointAddress())
            .AddGeminiTrainers(configuration.HostName, configuration.ToTrainerOptions())
            .AddGeminiPersistence(configuration.ToStoragePlace(), configuration.Advanced.Storage)
            .AddGeminiAgent(configuration)
            .AddGeminiMachines(configuration.Machines);
        var app = builder.Build();
        app.MapGeminiWeb();
        return app;
    }

    [LoggerMessage(EventIds.HostNotice, LogLevel.Warning, "{Notice}")]
    private static partial void LogNotice(ILogger logger, string notice);
}
