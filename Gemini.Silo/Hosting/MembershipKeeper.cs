using Gemini.Grains.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Clustering.Redis;
using Orleans.Configuration;
using Orleans.GrainDirectory;

namespace Gemini.Silo.Hosting;

/// <summary>
/// Keeps in Redis what this silo needs there. If the server was emptied, or came back with older data, the silos write it again. The first silo that
/// notices writes the membership for all silos; each silo writes the grain directory for its own activations. Otherwise a silo that starts later
/// finds no other silo, and a second root agent comes up beside the first.
/// </summary>
internal sealed partial class MembershipKeeper(
    IServiceProvider services,
    ILocalSiloDetails self,
    IOptions<RedisClusteringOptions> clustering,
    IOptions<ClusterOptions> cluster,
    DirectoryEntries entries,
    TimeProvider time,
    ILogger<MembershipKeeper> logger) : BackgroundService
{
    /// <summary>
    /// Short, because hosts that start with an emptied table write new versions of it. A silo ends itself if it is missing in a version above the one
    /// it knows. A look costs one round trip, plus one for each activation.
    /// </summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>The limit of one read of the table.</summary>
    private static readonly TimeSpan RefreshLimit = TimeSpan.FromSeconds(5);

    private MembershipStore? _store;
    private MembershipImage? _known;
    private bool _isFailing;

    public override void Dispose()
    {
        base.Dispose();
        _store?.DisposeAsync().AsTask().Ignore();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
                if (_isFailing) LogReadAgain();
                _isFailing = false;
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                // Nothing is known about a table that cannot be read, and the next look comes soon. So only the first failure is logged: messages
                // about an unreachable server contain a dozen counters and states, and differ each time.
                if (!_isFailing) LogNotRead(error.Message);
                _isFailing = true;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookAsync(CancellationToken ct)
    {
        // Resolved late: the silo has to be built first.
        var membership = services.GetRequiredService<IClusterMembershipService>();
        var view = MembershipView.Of(membership.CurrentSnapshot, self.SiloAddress);
        if (!view.IsActive) return;
        _store ??= await MembershipStore.OpenAsync(clustering.Value, cluster.Value);
        var found = await _store.ReadMarkAsync(view.Self);
        var decision = MembershipRestoration.Decide(view, _known, found);
        if (decision.Step == MembershipStep.Learn) await LearnAsync(_store, membership, view, found, ct);
        if (decision.Step == MembershipStep.Restore) await RestoreAsync(_store, membership, view, decision.Reason, ct);
        await entries.CheckAsync(services.GetRequiredKeyedService<IGrainDirectory>(GrainDirectoryAttribute.DEFAULT_GRAIN_DIRECTORY));
    }

    private async Task LearnAsync(
        MembershipStore store, IClusterMembershipService membership, MembershipView view, MembershipMark found, CancellationToken ct)
    {
        var read = await store.ReadAsync();
        if (!MembershipRestoration.IsWhole(read, view, found)) return;
        _known = read;
        // The silo that wrote the table back could tell only itself.
        if (read.Version is { } version && version > view.Version) await RefreshAsync(membership, version, ct);
    }

    private async Task RestoreAsync(MembershipStore store, IClusterMembershipService membership, MembershipView view, string reason, CancellationToken ct)
    {
        var current = await store.ReadAsync();
        // Another silo may have written the table back since the look; then nothing is left to do.
        var found = new MembershipMark(current.Version, current.Rows.ContainsKey(view.Self));
        if (MembershipRestoration.Decide(view, _known, found).Step != MembershipStep.Restore) return;
        var next = MembershipRestoration.Restore(view, _known!, current, time.GetUtcNow());
        if (!await store.TryWriteAsync(current, next)) return;
        _known = next;
        LogRestored(reason, next.Rows.Count - current.Rows.Count, next.Version!.Value);
        await RefreshAsync(membership, next.Version.Value, ct);
    }

    private async Task RefreshAsync(IClusterMembershipService membership, long version, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(RefreshLimit, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        await membership.Refresh(new MembershipVersion(version), limit.Token);
    }

    [LoggerMessage(EventIds.MembershipRestored, LogLevel.Warning,
        "Redis has lost the cluster's membership ({Reason}); {Rows} rows were written back, and the table is at version {Version}")]
    private partial void LogRestored(string reason, int rows, long version);

    [LoggerMessage(EventIds.NotRead, LogLevel.Warning, "The membership in Redis could not be read: {Error}")]
    private partial void LogNotRead(string error);

    [LoggerMessage(EventIds.ReadAgain, LogLevel.Information, "The membership in Redis can be read again")]
    private partial void LogReadAgain();
}
