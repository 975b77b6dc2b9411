using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>What the root agent has to do now, after its record is written.</summary>
/// <param name="Directives">To be sent at once; hosts also get theirs in answer to every report.</param>
/// <param name="Commit">To be told to every host, when not null.</param>
/// <param name="Abandon">To be told to every host, each of them: a slot is freed by the iteration that it holds.</param>
public sealed record CoordinatorDecision(
    ImmutableArray<(HostName Host, HostDirective Directive)> Directives, Iteration? Commit, ImmutableSortedSet<Iteration> Abandon)
{
    /// <summary>Nothing is to be done.</summary>
    public static CoordinatorDecision None { get; } = new([], null, []);

    /// <summary>Trainers that are to be asked whether they live, by their addresses.</summary>
    public ImmutableArray<string> Ask { get; init; } = [];
}
