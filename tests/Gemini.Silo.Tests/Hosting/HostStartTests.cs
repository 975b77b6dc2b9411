using Gemini.Silo.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Gemini.Silo.Tests.Hosting;

/// <summary>A host that is told to end before it has started.</summary>
public sealed class HostStartTests
{
    [Theory]
    [InlineData(nameof(IHostedLifecycleService.StartingAsync))]
    [InlineData(nameof(IHostedService.StartAsync))]
    [InlineData(nameof(IHostedLifecycleService.StartedAsync))]
    public async Task Stop_InAPhaseOfTheStart_EveryServiceIsStopped(string phase)
    {
        using var stop = new CancellationTokenSource();
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        var trainers = new Recorder();
        builder.Services.AddSingleton<IHostedService>(trainers);
        builder.Services.AddSingleton<IHostedService>(new HeldUp(phase, stop));
        using var app = builder.Build();

        var isUp = await SiloHost.StartAsync(app, new StopSignals(stop.Token, default, default));

        Assert.False(isUp);
        Assert.True(trainers.IsStopped);
    }

    [Fact]
    public async Task Start_NobodyStopsIt_IsUp()
    {
        using var app = Host.CreateEmptyApplicationBuilder(settings: null).Build();
        Assert.True(await SiloHost.StartAsync(app, new StopSignals(default, default, default)));
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Receives the stop at the moment when it reaches this phase, like a silo that has not joined the cluster yet.</summary>
    private sealed class HeldUp(string phase, CancellationTokenSource stop) : IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellationToken) => ReachAsync(nameof(StartingAsync), cancellationToken);

        public Task StartAsync(CancellationToken cancellationToken) => ReachAsync(nameof(StartAsync), cancellationToken);

        public Task StartedAsync(CancellationToken cancellationToken) => ReachAsync(nameof(StartedAsync), cancellationToken);

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        private async Task ReachAsync(string reached, CancellationToken cancellationToken)
        {
            if (reached != phase) return;
            await stop.CancelAsync();
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        }
    }

    private sealed class Recorder : IHostedLifecycleService
    {
        public bool IsStopped { get; private set; }

        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken)
        {
            IsStopped = true;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
