using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Cluster;

/// <summary>Takes in copies while the job waits for a machine, as <c>GuestKeeper</c> does, and gives them up at the first commit after.</summary>
internal sealed class SiloGuests(World world, Silo silo, SiloRunner runner)
{
    private readonly SortedSet<Rank> _refused = [];
    private Epoch _workedIn;

    /// <summary>Owners whose shards could not be taken in, in this epoch.</summary>
    public ImmutableArray<Rank> Refused => _workedIn == silo.State.Directive.Version.Epoch ? [.. _refused] : [];

    public async Task RunAsync()
    {
        while (true)
        {
            await silo.Delay(world.Dice.Between(100, 300));
            await WorkAsync(silo.State.Directive);
        }
    }

    private async Task WorkAsync(HostDirective directive)
    {
        var memory = silo.Machine.Memory;
        var isOver = directive.Version.Step >= DirectiveStep.Run && silo.State.Committed > (directive.Restore?.Iteration ?? default);
        if (isOver) memory.ReleaseGuests();
        if (directive.Version.Step != DirectiveStep.Halt || directive.Guests.IsEmpty || silo.State.Done != directive.Version) return;
        if (directive.Version.Epoch > _workedIn) _refused.Clear();
        _workedIn = directive.Version.Epoch;
        foreach (var guest in directive.Guests.Where(guest => !_refused.Contains(guest.Replica.Owner)).ToList())
        {
            if (silo.State.Directive.Version != directive.Version) return;
            await TakeInAsync(directive, guest);
            silo.Changed();
        }
    }

    private async Task TakeInAsync(HostDirective directive, GuestCopy guest)
    {
        var copy = guest.Replica;
        if (silo.Machine.Memory.Find(copy.Owner, copy.Snapshot) is not null) return;
        var held = silo.Machine.Memory.Inventory().Where(here => here.Owner == copy.Owner).Select(here => here.Snapshot).ToList();
        if (GuestPolicy.Refusal(held, directive.Committed) is not null)
        {
            _refused.Add(copy.Owner);
            return;
        }

        silo.Machine.Memory.EnsureGuest(copy.Owner);
        var shard = new ShardDirective { Owner = copy.Owner, PayloadBytes = copy.PayloadBytes, Hash = copy.Hash };
        foreach (var source in guest.Sources)
        {
            if (!await runner.FetchAsync(source, shard, copy.Snapshot, directive.Version.Epoch)) continue;
            world.Trace(silo.Host.Value, () => $"takes in rank {copy.Owner}, {copy.Snapshot}, from {source} as a guest");
            world.Statistics.Count("guests taken in");
            return;
        }

        _refused.Add(copy.Owner);
    }
}
