using Gemini.Grains.Placement.Plans;

namespace Gemini.Grains.Placement.Domains;

/// <summary>Hosts on positions, and how much the holders of shards share, label by label; kept up to date as hosts change places.</summary>
/// <remarks>
/// Cost of a label = Σ over owners (m - number of different domains among the m holders of the owner's shards). Zero exactly when no shard has two
/// holders in one domain. Costs are compared label by label, the one of highest priority first. Checked by: DomainPlacementOracleTests.
/// </remarks>
internal sealed class SharingBoard
{
    private readonly int[][] _holders;
    private readonly int[][] _owners;
    private readonly FailureDomains[] _labels;
    private readonly int[] _hostAt;
    private readonly long[] _cost;
    // _seen[d] == _stamp: domain d was met in the set that is being counted.
    private readonly int[] _seen;
    private int _stamp;

    /// <param name="plan">Who holds whose shards.</param>
    /// <param name="labels">In order of priority, over the same hosts.</param>
    /// <param name="hostAt">Host index by position. Not retained.</param>
    public SharingBoard(PlacementPlan plan, FailureDomains[] labels, int[] hostAt)
    {
        (_labels, _hostAt) = (labels, [.. hostAt]);
        (_holders, _owners) = SharingGraph.Of(plan);
        _seen = new int[labels.Max(label => label.Count)];
        _cost = new long[labels.Length];
        for (var owner = 0; owner < _hostAt.Length; owner++) Count(owner, +1);
    }

    public int[] HostAt => [.. _hostAt];

    public long[] Cost => [.. _cost];

    /// <summary>Holders looked at so far. The cost of a search is proportional to them.</summary>
    public long Work { get; private set; }

    public static int Compare(ReadOnlySpan<long> left, ReadOnlySpan<long> right) => left.SequenceCompareTo(right);

    /// <summary>m minus the number of different domains among the holders of this owner's shards.</summary>
    public int SharedAt(int owner, int label)
    {
        var shared = 0;
        _stamp++;
        foreach (var holder in _holders[owner])
        {
            ref var seen = ref _seen[_labels[label].DomainOf(_hostAt[holder])];
            if (seen == _stamp) shared++;
            seen = _stamp;
        }

        Work += _holders[owner].Length;
        return shared;
    }

    /// <summary>Whether this position takes part in any sharing, by any label.</summary>
    public bool Shares(int position)
    {
        foreach (var owner in _owners[position])
        {
            for (var label = 0; label < _labels.Length; label++)
                if (SharedAt(owner, label) > 0) return true;
        }

        return false;
    }

    /// <summary>Lets two hosts change places if that lowers the cost; otherwise nothing changes.</summary>
    public bool TrySwap(int left, int right)
    {
        var before = Cost;
        Swap(left, right);
        if (Compare(_cost, before) < 0) return true;
        // Swap back. The costs are restored by value, so no second count is needed.
        (_hostAt[left], _hostAt[right]) = (_hostAt[right], _hostAt[left]);
        before.CopyTo(_cost, 0);
        return false;
    }

    private void Swap(int left, int right)
    {
        int[] touched = [.. _owners[left].Union(_owners[right])];
        foreach (var owner in touched) Count(owner, -1);
        (_hostAt[left], _hostAt[right]) = (_hostAt[right], _hostAt[left]);
        foreach (var owner in touched) Count(owner, +1);
    }

    private void Count(int owner, int sign)
    {
        for (var label = 0; label < _labels.Length; label++) _cost[label] += sign * SharedAt(owner, label);
    }
}
