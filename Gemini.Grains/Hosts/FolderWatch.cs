using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Hosts;

/// <summary>
/// Watches the host's folder in /dev/shm, because others may empty it while the job runs. It makes missing files again: files that only the silo writes,
/// at once; files of own shards, at the next Prepare. It asks for an epoch to get that Prepare: until then, a restarted silo would find no such files.
/// </summary>
internal sealed partial class FolderWatch(
    HostState state, IHostMemory memory, ITrainers trainers, TimeProvider time, ILogger logger)
{
    /// <summary>A look costs two system calls per slot. If the silo dies before the next look, the copies in deleted files are lost.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private Epoch _askedIn;

    /// <summary>The memory's warning has changed. Any thread, under no lock.</summary>
    public event Action? Changed;

    /// <summary>Waits for one period, then looks; see <see cref="HostLoop"/>.</summary>
    public async Task LookAsync(CancellationToken ct)
    {
        await Task.Delay(Period, time, ct);
        Look();
    }

    internal void Look()
    {
        var before = memory.Warning;
        var ownFilesAreLost = memory.RestoreFiles();
        trainers.EnsureSocket();
        var directive = state.Directive.Version;
        if (ownFilesAreLost && directive.Step == DirectiveStep.Run && state.Done == directive && directive.Epoch > _askedIn)
        {
            _askedIn = directive.Epoch;
            LogAsked(directive.Epoch);
            state.MarkNeedsNewPlan(directive.Epoch, "somebody deleted segment files of its own ranks; they are made again while trainers are stopped");
        }

        if (memory.Warning != before) Changed?.Invoke();
    }

    [LoggerMessage(EventIds.FolderAsked, LogLevel.Warning, "Somebody deleted segment files of own ranks. Asking for an epoch after {Epoch} to make them again")]
    private partial void LogAsked(Epoch epoch);
}
