using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Fakes;

/// <summary>A fake host takes in guests, one per tick, while it is halted. It discards them after the first commit that follows.</summary>
internal sealed class FakeGuests(FakeCluster cluster, FakeHost host)
{
    private readonly HashSet<Rank> _refused = [];
    private readonly HashSet<Rank> _guests = [];
    private Epoch _refusedIn;

    /// <summary>How many guests fit.</summary>
    public int Room { get; set; } = int.MaxValue;

    public IReadOnlyCollection<Rank> Owners => _guests;

    public IEnumerable<Rank> Refused => _refusedIn == host.Directive.Version.Epoch ? _refused.Order() : [];

    public void Work()
    {
        var directive = host.Directive;
        if (_guests.Count > 0 && directive.Version.Step >= DirectiveStep.Run && host.Committed > (directive.Restore?.Iteration ?? default))
        {
            _guests.Clear();
            host.Memory.ReleaseExcept(directive.Own.Concat(directive.Held).Select(shard => shard.Owner).ToHashSet());
        }

        if (host.Done != directive.Version || directive.Version.Step != DirectiveStep.Halt) return;
        if (_refusedIn != directive.Version.Epoch) _refused.Clear();
        _refusedIn = directive.Version.Epoch;
        var due = directive.Guests.FirstOrDefault(guest => host.Memory.Find(guest.Replica.Owner, guest.Replica.Snapshot) is null && !_refused.Contains(guest.Replica.Owner));
        if (due is not null && !TakeIn(due)) _refused.Add(due.Replica.Owner);
    }

    private bool TakeIn(GuestCopy guest)
    {
        if (_guests.Count >= Room) return false;
        var copy = guest.Sources.Select(source => cluster.Read(source, guest.Replica.Owner, guest.Replica.Snapshot)).FirstOrDefault(copy => copy == guest.Replica);
        if (copy is null) return false;
        host.Memory.Store(copy, copy.Snapshot.Iteration);
        _guests.Add(copy.Owner);
        return true;
    }
}
