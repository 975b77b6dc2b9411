using System.Collections.Immutable;
using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Gemini.Interfaces.Model;

/// <summary>
/// What all hosts of a job must agree on. The job's record keeps the specification with which the job started. Every host is compared with the
/// record.
/// </summary>
[GenerateSerializer, Immutable, Alias("gemini.JobSpec")]
public sealed record JobSpec
{
    /// <summary>Names the job's records, segments and cluster. Letters, digits, '-', '_' and '.'.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>The N hosts that take the positions 0 to N-1 at the first start. Any other host is a standby.</summary>
    [Id(1)] public required ImmutableArray<HostName> Hosts { get; init; }

    /// <summary>R: trainers per host, one per accelerator. Default: 1.</summary>
    [Id(2)] public int RanksPerHost { get; init; } = 1;

    /// <summary>m: copies of every shard in host memory, the owner's own included. Range: 1 to N. Default: 2.</summary>
    [Id(3)] public int Replicas { get; init; } = 2;

    /// <summary>When snapshots are copied to persistent storage; null: never.</summary>
    [Id(4)] public StoragePolicy? Storage { get; init; }

    /// <summary>
    /// Further hosts that the job wants present, as standbys. A missing one is requested like a host of <see cref="Hosts"/>. Each replacement can
    /// make another host the standby; this list only says how many standbys there should be. Default: none.
    /// </summary>
    [Id(50)] public ImmutableArray<HostName> Standbys { get; init; } = [];

    /// <summary>Which positions hold whose copies. Default: <see cref="ReplicaPlacement.Mixed"/>.</summary>
    [Id(40)] public ReplicaPlacement Placement { get; init; }

    /// <summary>
    /// Names of labels, the most important first. Two copies of a shard should not be on hosts with the same value of such a label. Default: none.
    /// </summary>
    [Id(41)] public ImmutableArray<string> Domains { get; init; } = [];

    /// <summary>
    /// Locations of the hosts, standbys included; by host, then by name. For a host that is not listed, its own configuration counts
    /// (<see cref="HostReport.Labels"/>).
    /// </summary>
    [Id(42)] public ImmutableArray<HostLabel> Labels { get; init; } = [];

    /// <summary>
    /// The trainers' program, and those of its arguments that must be the same on all hosts and after every restart. With other arguments the job
    /// would continue with a different training. Empty: not compared.
    /// </summary>
    [Id(51)] public string Trainer { get; init; } = "";

    /// <summary>What the job does with its checkpoints. <see cref="CheckpointMode.Marked"/> in a record that does not name it.</summary>
    [Id(52)] public CheckpointMode Mode { get; init; }

    /// <summary>
    /// k: about every k-th iteration gets no checkpoint. Such iterations show what checkpoints cost. All ranks leave out the same ones. Default: 0, none,
    /// as in every mode that does not send replicas in idle spans.
    /// </summary>
    [Id(53)] public int BaselineInterval { get; init; }

    /// <summary>What <see cref="Mode"/> means. No property, because stored records of a job have its properties.</summary>
    public CheckpointPolicy Checkpoints() => CheckpointPolicy.Of(Mode);

    public int HostCount => Hosts.Length;

    public int WorldSize => Hosts.Length * RanksPerHost;

    /// <summary>The ranks of a position, in order.</summary>
    public IEnumerable<Rank> RanksOf(HostPosition position) =>
        Enumerable.Range(position.Value * RanksPerHost, RanksPerHost).Select(rank => new Rank(rank));

    public HostPosition PositionOf(Rank rank) => new(rank.Value / RanksPerHost);

    public Rank RankOf(HostPosition position, int localIndex) => new((position.Value * RanksPerHost) + localIndex);

    /// <summary>
    /// Equal on two hosts exactly if their specifications agree in everything that must agree. A host with another fingerprint is refused. The
    /// standbys may differ: they only say which machines are wanted, and the job's record decides.
    /// </summary>
    public string Fingerprint()
    {
        var values = Properties().Where(property => property.MustAgree).Select(property => property.Value);
        // Two properties came later. Jobs that do not use them have the fingerprints of earlier versions.
        var unused = BaselineInterval != 0 ? 0 : Mode != CheckpointMode.Marked ? 1 : 2;
        var text = string.Join('|', values.SkipLast(unused));
        return XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(text)).ToString("x16");
    }

    /// <summary>The differences to another specification, named as in a host's configuration.</summary>
    public ImmutableArray<SpecDifference> DifferencesTo(JobSpec other) =>
    [
        .. Properties().Zip(other.Properties()).Where(pair => pair.First.Value != pair.Second.Value)
            .Select(pair => new SpecDifference(pair.First.Name, pair.First.Value, pair.Second.Value, pair.First.MustAgree)),
    ];

    private ImmutableArray<(string Name, string Value, bool MustAgree)> Properties() =>
    [
        ("job.name", Name, true),
        ("job.hosts", string.Join(", ", Hosts), true),
        ("job.ranksPerHost", RanksPerHost.ToString(CultureInfo.InvariantCulture), true),
        ("job.replicas", Replicas.ToString(CultureInfo.InvariantCulture), true),
        ("job.placement", Placement.ToString(), true),
        ("job.domains", string.Join(", ", Domains), true),
        ("job.labels", string.Join(", ", Labels), true),
        ("job.standbys", string.Join(", ", Standbys), false),
        ("storage", Storage?.ToString() ?? "", true),
        ("trainer", Trainer, true),
        ("job.checkpointMode", Mode.ToString(), true),
        ("job.baselineInterval", BaselineInterval.ToString(CultureInfo.InvariantCulture), true),
    ];
}
