using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>
/// What is true of every directive. The root agent checks it before it sends one, and a host before it obeys one: a mistake at either end stops
/// that end, and reaches no slot.
/// </summary>
internal static class DirectiveRules
{
    /// <exception cref="InvariantViolatedException">The directive contradicts itself, or the job.</exception>
    public static void Check(HostDirective directive, JobSpec job)
    {
        var (version, step) = (directive.Version, directive.Version.Step);
        Invariant.Check(
            step >= DirectiveStep.Prepare || (directive.Restore is null && directive.Own.IsEmpty && directive.Held.IsEmpty && directive.Kept.IsEmpty),
            $"directive {version} has a plan before there is one");
        Invariant.Check(
            directive.Position is not null || (directive.Own.IsEmpty && directive.Held.IsEmpty && directive.Kept.IsEmpty && directive.Persist is null),
            $"directive {version} gives shards to a host without a position");
        Invariant.Check(step == DirectiveStep.Halt || directive.Guests.IsEmpty, $"directive {version} has guests");
        // Nobody connects any more when the job is complete.
        Invariant.Check(
            step == DirectiveStep.Complete || directive.RingEndpoints.Length == (step == DirectiveStep.Run ? job.WorldSize : 0),
            $"directive {version} has {directive.RingEndpoints.Length} ring endpoints");
        if (step < DirectiveStep.Prepare) return;
        Invariant.Check(
            directive.Restore is not { } restored || directive.Committed >= restored.Iteration,
            $"directive {version} restores {directive.Restore}, and only {directive.Committed} is committed");
        if (directive.Position is { } position) CheckOwn(directive, job, position);
    }

    /// <summary>Within an epoch a plan is made once: what a host has prepared is not changed under its trainers.</summary>
    /// <param name="next">A directive that is no older than the other one.</param>
    /// <param name="known">The newest that the host has obeyed.</param>
    /// <exception cref="InvariantViolatedException">The two contradict each other.</exception>
    public static void CheckFollows(HostDirective next, HostDirective known)
    {
        if (next.Version.Epoch != known.Version.Epoch || known.Version.Step < DirectiveStep.Prepare) return;
        Invariant.Check(next.Position == known.Position, $"directive {next.Version} moves this host from position {known.Position} to {next.Position}");
        Invariant.Check(next.Restore == known.Restore, $"directive {next.Version} restores {next.Restore}, and {known.Version} restored {known.Restore}");
    }

    private static void CheckOwn(HostDirective directive, JobSpec job, HostPosition position)
    {
        var (version, own) = (directive.Version, directive.Own);
        Invariant.Check(own.Length == job.RanksPerHost, $"directive {version} gives position {position} {own.Length} own shards");
        for (var index = 0; index < own.Length; index++)
        {
            var shard = own[index];
            var (owner, from) = (shard.Owner, shard.InStorage ? "storage" : "no storage");
            Invariant.Check(owner == job.RankOf(position, index), $"directive {version} gives position {position} the shard of rank {owner}");
            Invariant.Check(shard.PayloadBytes > 0, $"directive {version} says that the shard of rank {owner} has {shard.PayloadBytes} bytes");
            Invariant.Check(shard.Hash is null || directive.Restore is not null, $"directive {version} restores nothing, and has a hash for rank {owner}");
            Invariant.Check(
                shard.Hash is null || shard.InStorage == shard.Sources.IsEmpty,
                $"directive {version} takes the shard of rank {owner} from {shard.Sources.Length} hosts and {from}");
        }
    }
}
