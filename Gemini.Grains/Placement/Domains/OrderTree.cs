using Gemini.Grains.Placement.Plans;

namespace Gemini.Grains.Placement.Domains;

/// <summary>Branch and bound over the orders of hosts: position 0 first, then 1, and so on.</summary>
/// <remarks>
/// When more hosts are placed, they only share more, in every label. So a partial order that is not better than the best full order is cut off. Hosts
/// with equal domains in every label are interchangeable: one of each kind is tried per position.
/// </remarks>
internal sealed class OrderTree
{
    private readonly int[][] _holders;
    private readonly int[][] _owners;
    private readonly FailureDomains[] _labels;
    private readonly int[][] _kinds;
    private readonly int[] _placedOfKind;
    private readonly int[] _hostAt;
    private readonly long[] _cost;
    private readonly long[] _best;
    private readonly long _workPerHost;
    private long _workLeft;

    public OrderTree(PlacementPlan plan, FailureDomains[] labels, long[] best, long workMax)
    {
        (_labels, _best, _workLeft) = (labels, [.. best], workMax);
        (_holders, _owners) = SharingGraph.Of(plan);
        _kinds = [.. Enumerable.Range(0, plan.HostCount).GroupBy(KindOf).Select(kind => kind.ToArray())];
        _placedOfKind = new int[_kinds.Length];
        _hostAt = new int[plan.HostCount];
        Array.Fill(_hostAt, -1);
        _cost = new long[labels.Length];
        // Each holder of each owner, once when the host is placed and once when it is removed.
        _workPerHost = 2L * plan.Replicas * plan.Replicas * labels.Length;
    }

    /// <summary>The best order with a cost below the given one; null if none was found.</summary>
    public int[]? Best { get; private set; }

    public bool Complete => _workLeft > 0;

    public void Descend(int position)
    {
        if (SharingBoard.Compare(_cost, _best) >= 0) return;
        if (position == _hostAt.Length)
        {
            Best = [.. _hostAt];
            _cost.CopyTo(_best, 0);
            return;
        }

        for (var kind = 0; kind < _kinds.Length && _workLeft > 0; kind++)
        {
            if (_placedOfKind[kind] == _kinds[kind].Length) continue;
            _workLeft -= _workPerHost;
            var host = _kinds[kind][_placedOfKind[kind]++];
            Count(position, host, +1);
            _hostAt[position] = host;
            Descend(position + 1);
            _hostAt[position] = -1;
            Count(position, host, -1);
            _placedOfKind[kind]--;
        }
    }

    // For each owner whose shards this position holds: if another holder is in the same domain already, one more holder shares.
    private void Count(int position, int host, int sign)
    {
        foreach (var owner in _owners[position])
        {
            for (var label = 0; label < _labels.Length; label++)
                if (IsThere(owner, label, _labels[label].DomainOf(host))) _cost[label] += sign;
        }
    }

    private bool IsThere(int owner, int label, int domain)
    {
        foreach (var holder in _holders[owner])
            if (_hostAt[holder] >= 0 && _labels[label].DomainOf(_hostAt[holder]) == domain) return true;
        return false;
    }

    private string KindOf(int host) => string.Join(',', _labels.Select(label => label.DomainOf(host)));
}
