using Gemini.Grains.Recovery;
using Gemini.Interfaces.Drills;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Root;

/// <summary>Reports a drill's moment if the root agent is at one: something is decided and the record is up to date, but no host has been told.</summary>
internal static class RootMoments
{
    public static ValueTask ReachAsync(CoordinatorDecision decision)
    {
        if (decision.Commit is { } committed) return Moments.ReachAsync(Moment.Commit, committed.Value);
        if (decision.Directives.IsEmpty) return ValueTask.CompletedTask;
        var version = decision.Directives[0].Directive.Version;
        return version.Step switch
        {
            DirectiveStep.Halt => Moments.ReachAsync(Moment.Decide, version.Epoch.Value),
            DirectiveStep.Prepare => Moments.ReachAsync(Moment.Replace, version.Epoch.Value),
            DirectiveStep.Run => Moments.ReachAsync(Moment.Resume, version.Epoch.Value),
            _ => ValueTask.CompletedTask,
        };
    }
}
