namespace Gemini.Grains.Placement.Domains;

/// <summary>What is known of an order of hosts, by one label and after the labels of higher priority.</summary>
public enum SharingVerdict
{
    /// <summary>No two holders of a shard are in one domain.</summary>
    NothingShared,

    /// <summary>Some are, and no order shares less: proven by counting, or by going through all orders.</summary>
    FewestShared,

    /// <summary>Some are, and no order is without; whether one shares less is not known.</summary>
    Unavoidable,

    /// <summary>Some are in the best order found, and there may be a better one: too many to go through.</summary>
    Unproven,
}
