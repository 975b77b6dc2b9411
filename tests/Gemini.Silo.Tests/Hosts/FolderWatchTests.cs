using System.Net.Sockets;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;
using Gemini.Silo.Tests.Trainers;
using Microsoft.Extensions.Logging.Abstractions;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Hosts;

/// <summary>The host's folder is emptied: how the silo reacts, and when it asks for an epoch.</summary>
public sealed class FolderWatchTests : IAsyncDisposable
{
    private static readonly Rank Zero = new(0);
    private readonly SupervisorFixture _trainers = new();
    private readonly HostState _state = new();
    private readonly HostMemory _memory;
    private readonly FolderWatch _watch;

    public FolderWatchTests()
    {
        _trainers.Start(SupervisorFixture.Sleeps);
        _memory = new HostMemory(_trainers.Paths, "test", new HostMemoryOptions(), NullLogger<HostMemory>.Instance, ChunkBytes);
        _watch = new FolderWatch(_state, _memory, _trainers.Supervisor, TimeProvider.System, NullLogger<FolderWatch>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        _memory.Dispose();
        await _trainers.DisposeAsync();
    }

    [Fact]
    public void Look_OwnFilesWereDeleted_AsksForOneEpochAndSaysWhy()
    {
        var changes = 0;
        _watch.Changed += () => changes++;
        Run(epoch: 1);
        DeleteFolder();

        _watch.Look();
        _watch.Look();

        Assert.Equal(Version(1, DirectiveStep.Run), _state.NeedsNewPlan);
        Assert.Contains("segment files", _state.NewPlanReason, StringComparison.Ordinal);
        Assert.Equal(1, changes);
        Run(epoch: 2);
        _watch.Look();
        Assert.Equal(new Epoch(1), _state.NeedsNewPlan.Epoch);
    }

    [Fact]
    public void Look_WhileTheHostIsHalted_AsksForNothing()
    {
        Run(epoch: 1);
        _state.Take(new HostDirective { Version = Version(2, DirectiveStep.Halt) });
        _state.MarkDone(Version(2, DirectiveStep.Halt));
        DeleteFolder();
        _watch.Look();
        Assert.Equal(default, _state.NeedsNewPlan);
    }

    [Fact]
    public void Look_FolderIsWhole_AsksForNothing()
    {
        Run(epoch: 1);
        _watch.Look();
        Assert.Equal(default, _state.NeedsNewPlan);
        Assert.Null(_memory.Warning);
    }

    [Fact]
    public async Task Look_TheSocketWasDeleted_TrainersFindItAgain()
    {
        DeleteFolder();
        _watch.Look();
        using var trainer = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await trainer.ConnectAsync(new UnixDomainSocketEndPoint(_trainers.Paths.TrainerSocket), TestContext.Current.CancellationToken);
        Assert.True(trainer.Connected);
    }

    private static DirectiveVersion Version(long epoch, DirectiveStep step) => new(new Epoch(epoch), step);

    private void Run(long epoch)
    {
        _memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        _state.Take(new HostDirective { Version = Version(epoch, DirectiveStep.Run) });
        _state.MarkDone(Version(epoch, DirectiveStep.Run));
    }

    private void DeleteFolder() => Directory.Delete(_trainers.Paths.Directory, recursive: true);
}
