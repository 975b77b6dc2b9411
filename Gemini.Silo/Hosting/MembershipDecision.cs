namespace Gemini.Silo.Hosting;

/// <summary>What a silo does about the membership table after it has read the table's mark.</summary>
internal enum MembershipStep
{
    /// <summary>The table is as the silo knows it, or this silo must not change it.</summary>
    Nothing,

    /// <summary>The table has changed in a normal way. The silo reads all of it, so that it can write the table back later.</summary>
    Learn,

    /// <summary>The table has lost what it held: the silo writes back what it knows.</summary>
    Restore,
}

/// <param name="Step">What to do.</param>
/// <param name="Reason">Why, for people.</param>
internal readonly record struct MembershipDecision(MembershipStep Step, string Reason);
