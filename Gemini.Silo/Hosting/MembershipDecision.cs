namespace Gemini.Silo.Hosting;

/// <summary>What a silo does about the membership table after a look at it.</summary>
internal enum MembershipStep
{
    /// <summary>The table is as the silo knows it, or it is not for this silo to change it.</summary>
    Nothing,

    /// <summary>The table has changed as tables do: the silo reads all of it, to be able to write it back.</summary>
    Learn,

    /// <summary>The table has lost what it held: the silo writes back what it knows.</summary>
    Restore,
}

/// <param name="Step">What to do.</param>
/// <param name="Reason">Why, for people.</param>
internal readonly record struct MembershipDecision(MembershipStep Step, string Reason);
