using System.Collections.Immutable;
using Gemini.Grains.Recovery;
using Gemini.Interfaces;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>
/// What the worker agent knows, in one place under one lock: the newest directive, how far it is carried out, and what the epoch's trainers were
/// given. Everything else (replicas, trainers) is read from its owner.
/// </summary>
public sealed class HostState
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Rank, RestorePoint> _restorePoints = [];
    private readonly Dictionary<Rank, int> _handedTo = [];
    private readonly HashSet<Rank> _loading = [];
    private readonly Dictionary<HostName, string> _endpoints = [];
    private HostDirective _directive = new() { Version = default };
    private (ImmutableArray<string> Endpoints, ulong Hash) _ring = ([], 0);
    private DirectiveVersion _prepared;
    private DirectiveVersion _done;
    private DirectiveVersion _needsNewPlan;
    private string _newPlanReason = "";
    private Iteration _committed;
    private string? _problem;
    private bool _isLeaving;

    /// <summary>Raised outside the lock after every change on which a wait or a report may depend.</summary>
    public event Action? Changed;

    public HostDirective Directive => Read(() => _directive);

    /// <summary>See <see cref="HostReport.RingHash"/>.</summary>
    public ulong RingHash => Read(() => _ring.Hash);

    /// <summary>
    /// A host's data port, from the newest directive that names one. It may change within an epoch, because a restarted silo may come back with
    /// another port. It is kept when a later directive does not name it, because a new root agent knows only the hosts that have reported to it.
    /// Empty if no directive has named it.
    /// </summary>
    public string EndpointOf(HostName host) => Read(() => _endpoints.GetValueOrDefault(host, ""));

    public DirectiveVersion Done => Read(() => _done);

    public DirectiveVersion NeedsNewPlan => Read(() => _needsNewPlan);

    /// <summary>Why <see cref="NeedsNewPlan"/> cannot be carried out, for people.</summary>
    public string NewPlanReason => Read(() => _newPlanReason);

    public Iteration Committed => Read(() => _committed);

    public string? Problem => Read(() => _problem);

    /// <summary>The host was told to stop.</summary>
    public bool IsLeaving => Read(() => _isLeaving);

    /// <summary>The host is told to stop: its next report says so.</summary>
    public void Leave() => Change(() => !_isLeaving && (_isLeaving = true));

    /// <summary>The directive with the ring endpoints that this host has, if the root agent left them out.</summary>
    public HostDirective Complete(HostDirective directive) => directive.Version.Step == DirectiveStep.Run && directive.RingEndpoints.IsEmpty
        ? directive with { RingEndpoints = Read(() => _ring.Endpoints) }
        : directive;

    /// <summary>
    /// Takes a directive. Ignores it if a newer one is known, or if its epoch is not possible (<see cref="Epoch.IsPossible"/>), because no epoch
    /// could follow it. Returns whether the directive has a new version.
    /// </summary>
    /// <exception cref="InvariantViolatedException">The directive contradicts the plan of its epoch.</exception>
    public bool Take(HostDirective directive)
    {
        if (!directive.Version.Epoch.IsPossible) return false;
        bool isNew, mayLeave;
        lock (_gate)
        {
            if (directive.Version < _directive.Version) return false;
            DirectiveRules.CheckFollows(directive, _directive);
            isNew = directive.Version > _directive.Version;
            mayLeave = directive.Leave is not null && directive.Leave != _directive.Leave;
            if (directive.Version.Epoch > _directive.Version.Epoch) StartEpoch(directive);
            else if (IsFirstWithPlan(directive)) _committed = directive.Committed;
            if (!directive.RingEndpoints.IsEmpty && directive.RingEndpoints != _ring.Endpoints)
                _ring = (directive.RingEndpoints, RingEndpoints.HashOf(directive.RingEndpoints));
            _directive = directive;
            foreach (var (host, endpoint) in directive.DataEndpoints)
            {
                if (endpoint.Length > 0) _endpoints[host] = endpoint;
            }
        }

        if (isNew || mayLeave) Changed?.Invoke();
        return isNew;
    }

    /// <summary>The directive is carried out. Ignored if a newer epoch has begun meanwhile.</summary>
    public void MarkDone(DirectiveVersion version) => Change(() =>
    {
        if (version.Epoch != _directive.Version.Epoch || version <= _done) return false;
        _done = version;
        if (version.Step != DirectiveStep.Prepare) return true;
        _prepared = version;
        // The plan may set the job back to before the newest commit.
        _committed = _directive.Restore?.Iteration ?? default;
        return true;
    });

    /// <param name="epoch">The epoch of the plan; ignored if it is not the newest one.</param>
    /// <param name="reason">Which copy the host could not get, and why.</param>
    public void MarkNeedsNewPlan(Epoch epoch, string reason) => Change(() =>
    {
        if (epoch != _directive.Version.Epoch) return false;
        (_needsNewPlan, _newPlanReason) = (_directive.Version, reason);
        return true;
    });

    public void SetProblem(string? problem) => Change(() =>
    {
        if (problem == _problem) return false;
        _problem = problem;
        return true;
    });

    /// <summary>Returns false if the commit is known already, or is of another epoch.</summary>
    public bool Commit(Epoch epoch, Iteration iteration) => Change(() =>
    {
        if (epoch != _directive.Version.Epoch || iteration <= _committed) return false;
        _committed = iteration;
        return true;
    });

    /// <summary>Whether the iteration is of this epoch, and not committed.</summary>
    public bool MayBeAbandoned(Epoch epoch, Iteration iteration) =>
        Read(() => epoch == _directive.Version.Epoch && iteration > _committed);

    /// <summary>
    /// Whether this silo process prepared the running epoch itself. A silo that started in the middle of the epoch adopts the trainers that are in
    /// it, but must not send a new one into it: the other ranks are past the restore point.
    /// </summary>
    public bool PreparedHere => Read(() => _prepared.Epoch == _directive.Version.Epoch);

    public void OfferRestorePoints(Epoch epoch, ImmutableDictionary<Rank, RestorePoint> points) => Change(() =>
    {
        if (epoch != _directive.Version.Epoch) return false;
        foreach (var (rank, point) in points) _restorePoints[rank] = point;
        return true;
    });

    /// <summary>
    /// Hands a rank its restore point, once per epoch. The same process gets it again, because its first answer may have been lost.
    /// </summary>
    public RestorePoint? HandRestorePoint(Rank rank, Epoch after, int processId)
    {
        lock (_gate)
        {
            if (!_restorePoints.TryGetValue(rank, out var point) || point.Epoch <= after) return null;
            if (_handedTo.TryGetValue(rank, out var holder) && holder != processId) return null;
            _handedTo[rank] = processId;
            return point;
        }
    }

    /// <summary>
    /// The rank has its restore point, and its report says that it loads. The host may report Run only after all its trainers are loading. Otherwise
    /// the root agent would take a trainer that still waits for one that died and restarted.
    /// </summary>
    public void MarkLoading(Rank rank, Epoch epoch) => Change(() => epoch == _directive.Version.Epoch && _loading.Add(rank));

    public bool AllLoading(IEnumerable<Rank> ranks) => Read(() => ranks.All(_loading.Contains));

    /// <summary>
    /// Whether this is the epoch's first directive with a plan. The plan may go back to a snapshot in storage, to before the newest commit. Commits
    /// after that are new, and trainers must be told of them.
    /// </summary>
    private bool IsFirstWithPlan(HostDirective directive) =>
        directive.Version.Step >= DirectiveStep.Prepare && _directive.Version.Step < DirectiveStep.Prepare;

    private void StartEpoch(HostDirective directive)
    {
        _restorePoints.Clear();
        _handedTo.Clear();
        _loading.Clear();
        _committed = directive.Committed;
    }

    private T Read<T>(Func<T> read)
    {
        lock (_gate) return read();
    }

    private bool Change(Func<bool> change)
    {
        bool changed;
        lock (_gate) changed = change();
        if (changed) Changed?.Invoke();
        return changed;
    }
}
