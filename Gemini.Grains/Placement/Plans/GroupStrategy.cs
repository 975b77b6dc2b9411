namespace Gemini.Grains.Placement.Plans;

/// <summary>How the members of a placement group hold replicas for each other (paper §4).</summary>
public enum GroupStrategy
{
    /// <summary>Every member holds every other member's shards. The group has exactly m members.</summary>
    Group,

    /// <summary>A member's shards are also held by the next m-1 members around the ring. The group has more than m members.</summary>
    Ring,
}
