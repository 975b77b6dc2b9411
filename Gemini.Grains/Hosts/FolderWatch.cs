using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Hosts;

/// <summary>
/// Watches the host's folder in /dev/shm, which others may empty while the job runs, and makes again what is missing: what only
/// the silo uses at once, the slots of own shards at the next Prepare. It asks for an epoch that brings that Prepare, because
/// until then a silo that is restarted would find nothing.
/// </summary>
internal sealed partial class FolderWatch(
    HostState state, IHostMemory memory, ITrainers trainers, TimeProvider time, ILogger logger)
{
    /// <summary>A look costs two system calls a slot. Until the next one, a silo that dies loses what the files held.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private Epoch _askedIn;

    /// <summary>The memory's warning has changed. Any thread, under no lock.</summary>
    public event Action? Changed;

    /// <summary>Waits for a while, and then looks; see <see cref="HostLoop"/>.</summary>
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
            state.MarkNeedsNewPlan(directive.Epoch, "segment files of its own ranks were deleted, and are made again while trainers are stopped");
        }

        if (memory.Warning != before) Changed?.Invoke();
    }

    [LoggerMessage(3260, LogLevel.Warning, "Segment files of own ranks are gone: asking for an epoch after {Epoch}, in which they are made again")]
    private partial void LogAsked(Epoch epoch);
}
