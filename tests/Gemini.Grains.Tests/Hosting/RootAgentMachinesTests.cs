using System.Threading.Channels;
using Gemini.Grains.Hosting;
using Gemini.Grains.Machines;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Orleans.TestingHost;

namespace Gemini.Grains.Tests.Hosting;

/// <summary>The real root agent asks a machine operator to replace a silo that has really ended.</summary>
public sealed class RootAgentMachinesTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly JobSpec _job = new() { Name = "job", Hosts = [new("Silo_0"), new("Silo_1"), new("Silo_2")], Replicas = 2 };
    private readonly RecordingOperator _operator = new();
    private readonly ProcessStorage _storage = new();
    private readonly InProcessTestCluster _cluster;

    public RootAgentMachinesTests()
    {
        var builder = new InProcessTestClusterBuilder(3);
        builder.ConfigureSilo((options, silo) =>
        {
            silo.AddJob(_job, options.SiloName);
            silo.Services.AddKeyedSingleton<IGrainStorage>(GeminiGrains.RecordStorage, _storage);
            silo.Services.AddSingleton<IMachineOperator>(_operator);
            silo.Services.Configure<CoordinatorOptions>(coordinator => coordinator.Machines = new MachineOptions
            {
                ReturnGrace = TimeSpan.Zero,
                PauseMinimum = TimeSpan.FromMilliseconds(1),
            });
        });
        _cluster = builder.Build();
    }

    [Fact]
    public async Task SiloGone_IsAskedForUntilTheOperatorAccepts_AndItsWordsAreInTheStatus()
    {
        await _cluster.DeployAsync();
        var root = _cluster.Client.GetGrain<IRootAgent>(_job.Name);
        foreach (var silo in _cluster.Silos) await root.ReportAsync(new RecordingAgent(new HostName(silo.Name), _job).Report());
        var rootHost = (await root.GetStatusAsync()).RootHost;
        var lost = _cluster.Silos.First(silo => silo.Name != rootHost.Value);

        await _cluster.KillSiloAsync(lost);
        var (first, answer) = await _operator.NextAsync(Limit);
        Assert.Equal(("job", lost.Name, 1), (first.Job, first.Host.Value, first.Attempt));
        Assert.StartsWith("for position", first.Reason, StringComparison.Ordinal);
        await UntilAsync(root, request => request is { State: MachineRequestState.Asked, Output: "asking" });
        answer.SetResult(MachineOutcome.Failed("quota exceeded"));

        var (second, answered) = await _operator.NextAsync(Limit);
        Assert.Equal((lost.Name, 2), (second.Host.Value, second.Attempt));
        await UntilAsync(root, request => request is { Attempt: 2, Answer: "quota exceeded" });
        answered.SetResult(MachineOutcome.Accepted("machine 1"));
        await UntilAsync(root, request => request is { State: MachineRequestState.Joining, Answer: "machine 1" });

        Assert.False(_operator.IsAskedMore);
    }

    [Fact]
    public async Task AgentDeactivated_ItsCallIsGivenUp()
    {
        await _cluster.DeployAsync();
        var root = _cluster.Client.GetGrain<IRootAgent>(_job.Name);
        foreach (var silo in _cluster.Silos) await root.ReportAsync(new RecordingAgent(new HostName(silo.Name), _job).Report());
        var rootHost = (await root.GetStatusAsync()).RootHost;
        await _cluster.KillSiloAsync(_cluster.Silos.First(silo => silo.Name != rootHost.Value));
        await _operator.NextAsync(Limit);

        await _cluster.DeactivateAsync(root);

        await _operator.GivenUp.Task.WaitAsync(Limit);
    }

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    private static async Task UntilAsync(IRootAgent root, Func<MachineRequest, bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var bound = new CancellationTokenSource(Limit);
        while (!(await root.GetStatusAsync()).MachineRequests.Any(condition)) await timer.WaitForNextTickAsync(bound.Token);
    }

    private sealed class RecordingOperator : IMachineOperator
    {
        private readonly Channel<(MachineOrder, TaskCompletionSource<MachineOutcome>)> _orders =
            Channel.CreateUnbounded<(MachineOrder, TaskCompletionSource<MachineOutcome>)>();

        public TaskCompletionSource GivenUp { get; } = new();

        public bool IsAskedMore => _orders.Reader.TryPeek(out _);

        public async Task<(MachineOrder Order, TaskCompletionSource<MachineOutcome> Answer)> NextAsync(TimeSpan limit)
        {
            using var bound = new CancellationTokenSource(limit);
            return await _orders.Reader.ReadAsync(bound.Token);
        }

        public async Task<MachineOutcome> BringUpAsync(MachineOrder order, Action<string> say, CancellationToken ct)
        {
            var answer = new TaskCompletionSource<MachineOutcome>();
            say("asking");
            _orders.Writer.TryWrite((order, answer));
            try
            {
                return await answer.Task.WaitAsync(ct);
            }
            catch (OperationCanceledException)
            {
                GivenUp.TrySetResult();
                throw;
            }
        }
    }
}
