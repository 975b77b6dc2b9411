namespace Gemini.Grains.Placement.Domains;

/// <summary>What is known about an order of hosts for one label, given the labels of higher priority.</summary>
public enum SharingVerdict
{
    /// <summary>No two holders of a shard are in one domain.</summary>
    NothingShared,

    /// <summary>Some holders share a domain, and no order shares less: proven by counting, or by trying all orders.</summary>
    FewestShared,

    /// <summary>Some holders share a domain, and in every order some do. It is not known whether another order shares less.</summary>
    Unavoidable,

    /// <summary>Some holders share a domain in the best order found. A better order may exist: there are too many to try.</summary>
    Unproven,
}
