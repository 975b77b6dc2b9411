using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>What the root agent has to do now, after its record is written.</summary>
/// <param name="Directives">To be sent at once. Every host also gets its directive in answer to each of its reports.</param>
/// <param name="Commit">To be told to every host; null: nothing is to be told.</param>
/// <param name="Abandon">Every iteration here is to be told to every host. A host frees a slot only for the iteration that the slot holds.</param>
public sealed record CoordinatorDecision(
    ImmutableArray<(HostName Host, HostDirective Directive)> Directives, Iteration? Commit, ImmutableSortedSet<Iteration> Abandon)
{
    /// <summary>Nothing is to be done.</summary>
    public static CoordinatorDecision None { get; } = new([], null, []);

    /// <summary>Addresses of the trainers that are to be asked whether they live.</summary>
    public ImmutableArray<string> Ask { get; init; } = [];
}
