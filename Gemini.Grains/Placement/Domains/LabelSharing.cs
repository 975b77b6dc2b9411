namespace Gemini.Grains.Placement.Domains;

/// <summary>How well an order of hosts keeps replicas apart by one label.</summary>
/// <param name="Label">Such as "rack".</param>
/// <param name="Verdict">Whether anything is shared, and whether less would be possible.</param>
/// <param name="SharingOwnerCount">Positions whose shards have two holders or more in one domain; 0 to N.</param>
/// <param name="SharedReplicaCount">Σ over positions of (m minus the number of different domains among the holders). The search minimises it.</param>
/// <param name="UnlabelledCount">Hosts without this label; each counts as a domain of its own.</param>
/// <param name="Reason">Which shards share a domain, and why; empty if nothing is shared.</param>
public sealed record LabelSharing(
    string Label, SharingVerdict Verdict, int SharingOwnerCount, long SharedReplicaCount, int UnlabelledCount, string Reason);
