using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;
using Gemini.Silo.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gemini.Silo.Tests.Hosting;

/// <summary>When a host ends, and with what exit code.</summary>
public sealed class DepartureTests : IDisposable
{
    private static readonly StorageConfiguration Storage = new() { Directory = "/store", StopSeconds = 20 };

    private readonly HostState _state = new();
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _hurry = new();
    private readonly CancellationTokenSource _restart = new();
    private readonly CancellationTokenSource _ended = new();

    public void Dispose()
    {
        foreach (var source in new[] { _stop, _hurry, _restart, _ended }) source.Dispose();
    }

    [Theory]
    [InlineData(LeaveCause.Completed, ExitCodes.Success)]
    [InlineData(LeaveCause.Failed, ExitCodes.Failed)]
    public async Task JobEnds_TheHostIsToExit_ItDoes(LeaveCause cause, int code)
    {
        var departure = Begin(new HostConfiguration { WhenCompleted = WhenCompleted.Exit });
        Hear(cause);
        Assert.Equal(code, await departure);
    }

    [Fact]
    public async Task JobEnds_TheHostIsToStay_ItDoesUntilItIsToldToStop()
    {
        var departure = Begin(new HostConfiguration());
        Hear(LeaveCause.Completed);
        Assert.False(departure.IsCompleted);
        _stop.Cancel();
        Assert.Equal(ExitCodes.Success, await departure);
    }

    [Fact]
    public async Task ToldToStop_SaysSo_AndWaitsForTheRootAgentsWord()
    {
        var departure = Begin(new HostConfiguration { Storage = Storage });
        Take(committed: 120, persisted: 100);
        _stop.Cancel();
        Assert.True(_state.IsLeaving);
        Assert.False(departure.IsCompleted);
        Hear(LeaveCause.Saved);
        Assert.Equal(ExitCodes.Success, await departure);
    }

    [Fact]
    public async Task ToldToStop_NoWordInTime_TheExitCodeSaysThatTheSnapshotIsNotSaved()
    {
        var departure = Begin(new HostConfiguration { Storage = Storage });
        Take(committed: 120, persisted: 100);
        _stop.Cancel();
        _time.Advance(TimeSpan.FromSeconds(19));
        Assert.False(departure.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(ExitCodes.NotSaved, await departure);
    }

    [Fact]
    public async Task ToldToStopTwice_WaitsNoLonger()
    {
        var departure = Begin(new HostConfiguration { Storage = Storage });
        Take(committed: 120, persisted: 100);
        _stop.Cancel();
        _hurry.Cancel();
        Assert.Equal(ExitCodes.NotSaved, await departure);
    }

    [Theory]
    [InlineData(LeaveCause.Released, ExitCodes.Success)]
    [InlineData(LeaveCause.NotSaved, ExitCodes.NotSaved)]
    public async Task ToldToStop_TheExitCodeIsThatOfTheWord(LeaveCause cause, int code)
    {
        var departure = Begin(new HostConfiguration { Storage = Storage });
        Take(committed: 120, persisted: 100);
        _stop.Cancel();
        Hear(cause);
        Assert.Equal(code, await departure);
    }

    [Fact]
    public async Task ToldToStop_WithoutStorage_WaitsForNothingButOneAnswer()
    {
        var departure = Begin(new HostConfiguration());
        Take(committed: 120, persisted: 0);
        _stop.Cancel();
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(ExitCodes.Success, await departure);
    }

    [Fact]
    public async Task Restart_AsksNobody()
    {
        var departure = Begin(new HostConfiguration { Storage = Storage });
        _restart.Cancel();
        Assert.Equal(ExitCodes.Success, await departure);
        Assert.False(_state.IsLeaving);
    }

    private Task<int> Begin(HostConfiguration configuration) =>
        new Departure(configuration with { Job = new JobConfiguration { Name = "job" }, Host = new HostIdentityConfiguration { Name = "a" } },
            _state, _time, NullLogger<Departure>.Instance).WaitAsync(new StopSignals(_stop.Token, _hurry.Token, _restart.Token), _ended.Token);

    private void Hear(LeaveCause cause) => _state.Take(_state.Directive with { Leave = new LeaveDirective(cause, "a reason") });

    private void Take(long committed, long persisted) => _state.Take(new HostDirective
    {
        Version = new DirectiveVersion(new Epoch(1), DirectiveStep.Run),
        Position = new HostPosition(0),
        Committed = new Iteration(committed),
        Persisted = new SnapshotId(new Iteration(persisted), new Epoch(1)),
    });
}
