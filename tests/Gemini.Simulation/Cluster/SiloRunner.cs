using System.Collections.Immutable;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Silo.Trainers;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster;

/// <summary>Carries out directives as <c>DirectiveRunner</c> does: one at a time, always the newest, each step making up for those before it.</summary>
internal sealed class SiloRunner(World world, Silo silo)
{
    private const int RetryMilliseconds = 200;
    private const int FetchLimitMilliseconds = 1000;

    private readonly Alarm _due = new(world.Loop, silo);
    private Epoch _halted;

    private HostMemory Memory => silo.Machine.Memory;

    public void Wake() => _due.Set();

    public async Task RunAsync()
    {
        while (true)
        {
            var directive = silo.State.Directive;
            if (directive.Version > silo.State.Done && silo.State.NeedsNewPlan != directive.Version) await CarryOutAsync(directive);
            await _due.Wait(RetryMilliseconds);
        }
    }

    private bool IsOver(HostDirective directive) => silo.State.Directive.Version.Epoch > directive.Version.Epoch;

    private async Task CarryOutAsync(HostDirective directive)
    {
        var version = directive.Version;
        if (IsJoiningLate(directive)) Adopt(directive);
        else if (!await HaltAsync(directive)) return;
        if (version.Step >= DirectiveStep.Prepare && !await PrepareAsync(directive)) return;
        if (version.Step >= DirectiveStep.Run && !Run(directive)) return;
        silo.State.MarkDone(version);
    }

    private bool IsJoiningLate(HostDirective directive) =>
        directive.Version.Step >= DirectiveStep.Run && directive.Position is not null && !silo.State.PreparedHere;

    private void Adopt(HostDirective directive)
    {
        var epoch = directive.Version.Epoch;
        if (_halted >= epoch) return;
        Memory.RaiseFence(epoch);
        silo.RequireRanks(directive.Position);
        Ensure(directive);
        silo.Adopt(epoch);
        _halted = epoch;
    }

    /// <summary>False: there is no room for the position's segments.</summary>
    private bool Ensure(HostDirective directive)
    {
        var owners = directive.Own.Concat(directive.Held).Select(shard => shard.Owner).ToHashSet();
        if (!Memory.Fits(owners))
        {
            silo.State.SetProblem("there is no room");
            return false;
        }

        silo.State.SetProblem(null);
        foreach (var shard in directive.Own) Memory.Ensure(shard.Owner, ShardRole.Own);
        foreach (var shard in directive.Held) Memory.Ensure(shard.Owner, ShardRole.Held);
        return true;
    }

    /// <summary>The worker agent hangs as long as this keeps the machine from its part. False: a newer epoch has begun.</summary>
    private async Task<bool> HangsAsync(FaultKind handicap, HostDirective directive)
    {
        while (silo.Machine.Handicap == handicap && !IsOver(directive)) await silo.Delay(RetryMilliseconds);
        return !IsOver(directive);
    }

    private async Task<bool> HaltAsync(HostDirective directive)
    {
        var epoch = directive.Version.Epoch;
        if (_halted >= epoch) return true;
        Memory.RaiseFence(epoch);
        silo.Senders.Stop(epoch);
        if (!await HangsAsync(FaultKind.HaltHang, directive)) return false;
        await silo.StopTrainersAsync(epoch);
        if (IsOver(directive)) return false;
        _halted = epoch;
        if (world.Has(Defect.ClearedAtHalt)) Memory.DiscardAll();
        world.Truths.Halted(silo.Machine, epoch);
        silo.State.MarkDone(new DirectiveVersion(epoch, DirectiveStep.Halt));
        return true;
    }

    private async Task<bool> PrepareAsync(HostDirective directive)
    {
        var prepare = new DirectiveVersion(directive.Version.Epoch, DirectiveStep.Prepare);
        if (silo.State.Done >= prepare || IsJoiningLate(directive)) return true;
        if (!await HangsAsync(FaultKind.PrepareHang, directive)) return false;
        silo.RequireRanks(directive.Position);
        if (!Ensure(directive)) return false;
        if (directive.Restore is { } snapshot)
        {
            Memory.DiscardNewerThan(snapshot);
            var copies = new List<bool>();
            foreach (var task in directive.Own.Select(shard => ObtainAsync(directive, shard, snapshot)).ToList()) copies.Add(await task);
            if (IsOver(directive)) return false;
            if (copies.Contains(false))
            {
                silo.State.MarkNeedsNewPlan(directive.Version.Epoch, "a copy cannot be had");
                return false;
            }
        }
        else if (directive.Position is not null)
        {
            world.Truths.Discards(silo.Machine);
            Memory.DiscardAll();
        }

        silo.Senders.Configure(directive);
        silo.State.MarkDone(prepare);
        return true;
    }

    private async Task<bool> ObtainAsync(HostDirective directive, ShardDirective shard, SnapshotId snapshot)
    {
        foreach (var source in shard.Sources)
        {
            if (source == silo.Host)
            {
                await silo.Delay(world.Dice.Between(1, 20));
                if (Memory.Verify(shard.Owner, snapshot, shard.Hash!.Value) || world.Has(Defect.HashNotChecked)) return true;
                Memory.Quarantine(shard.Owner, snapshot);
            }
            else if (await FetchAsync(source, shard, snapshot, directive.Version.Epoch))
            {
                return true;
            }
        }

        return shard.InStorage && await silo.Storage.LoadAsync(directive, shard, snapshot);
    }

    /// <summary>Gets a verified copy from a peer.</summary>
    public async Task<bool> FetchAsync(HostName source, ShardDirective shard, SnapshotId snapshot, Epoch epoch)
    {
        Memory.QuarantineUnless(shard.Owner, snapshot, shard.Hash!.Value);
        if (Memory.Find(shard.Owner, snapshot) is { } here && here.Hash == shard.Hash) return true;
        if (silo.Machine.Handicap == FaultKind.NoFetch) return false;
        var (isAnswered, copy) = await silo.CallHostAsync(silo, source, FetchLimitMilliseconds, peer =>
            epoch < peer.Machine.Memory.Fence ? null : peer.Machine.Memory.Find(shard.Owner, snapshot) is { } slot
                ? new FetchedCopy(slot.Hash, slot.Content)
                : null);
        if (!isAnswered || copy is null || copy.Hash != shard.Hash) return false;
        await silo.Delay(world.Dice.Between(5, 50));
        if (copy.Content != copy.Hash.Value)
        {
            // The source is told that its copy is bad, and looks for itself.
            await silo.CallHostAsync(silo, source, FetchLimitMilliseconds, peer =>
            {
                if (!peer.Machine.Memory.Verify(shard.Owner, snapshot, copy.Hash)) peer.Machine.Memory.Quarantine(shard.Owner, snapshot);
                peer.Changed();
                return true;
            });
            return false;
        }

        var receiver = new object();
        var (slot, held) = Memory.TryReceive(receiver, shard.Owner, snapshot, epoch, snapshot.Iteration, fromPeer: false);
        return held == copy.Hash || (slot is not null && Memory.Seal(receiver, slot, epoch, copy.Hash, copy.Content));
    }

    private bool Run(HostDirective directive)
    {
        silo.Senders.Configure(directive);
        Memory.ReleaseExcept(directive.Own.Concat(directive.Held).Select(shard => shard.Owner).ToHashSet());
        if (directive.Version.Step == DirectiveStep.Complete)
        {
            foreach (var trainer in silo.Machine.LiveTrainers.ToList()) trainer.Die(silently: false, TrainerEnd.SentAway);
            return true;
        }

        if (directive.Position is not { } position || !silo.State.PreparedHere) return true;
        var points = directive.Own.ToImmutableDictionary(shard => shard.Owner, shard => ToRestorePoint(directive, shard));
        silo.State.OfferRestorePoints(directive.Version.Epoch, points);
        return silo.State.AllLoading(world.Job.RanksOf(position));
    }

    private RestorePoint ToRestorePoint(HostDirective directive, ShardDirective shard)
    {
        var slot = directive.Restore is { } snapshot ? Memory.Find(shard.Owner, snapshot) : null;
        return new RestorePoint
        {
            Epoch = directive.Version.Epoch,
            Snapshot = directive.Restore,
            Hash = shard.Hash,
            Slots = [],
            LoadSlot = slot is null ? -1 : Array.IndexOf(Memory.Find(shard.Owner)!.Slots, slot),
            RingEndpoints = directive.RingEndpoints,
        };
    }

    private sealed record FetchedCopy(ContentHash Hash, ulong Content);
}
