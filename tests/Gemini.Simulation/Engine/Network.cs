namespace Gemini.Simulation.Engine;

/// <summary>
/// Links between nodes; each direction is a link of its own. A message is an event. It may be lost, late, doubled or overtaken. A cut link drops its
/// messages. A clogged link keeps them until it is open again. A message from a node to itself always arrives.
/// </summary>
internal sealed class Network(EventLoop loop, Dice dice, int nodes)
{
    private readonly bool[,] _cut = new bool[nodes, nodes];
    private readonly List<Action>?[,] _clogged = new List<Action>?[nodes, nodes];

    public double Loss { get; set; }

    public double Doubling { get; set; }

    /// <summary>Mean of the exponential part of the delay, milliseconds.</summary>
    public double MeanDelay { get; set; } = 2;

    public int Nodes => nodes;

    public long Sent { get; private set; }

    public long Lost { get; private set; }

    public long Doubled { get; private set; }

    /// <summary>Whether a message that is sent now can arrive soon.</summary>
    public bool IsOpen(int from, int to) => from == to || (!_cut[from, to] && _clogged[from, to] is null);

    public bool IsCut(int from, int to) => from != to && _cut[from, to];

    public void Send(int from, int to, Action deliver)
    {
        Sent++;
        if (from == to)
        {
            loop.Schedule(dice.Between(0, 1), deliver);
            return;
        }

        if (_cut[from, to] || dice.Chance(Loss))
        {
            Lost++;
            return;
        }

        Dispatch(from, to, deliver);
        if (!dice.Chance(Doubling)) return;
        Doubled++;
        Dispatch(from, to, deliver);
    }

    /// <summary>Cuts this direction, or both.</summary>
    public void Cut(int from, int to, bool bothWays)
    {
        if (from == to) return;
        _cut[from, to] = true;
        if (bothWays) _cut[to, from] = true;
    }

    public void Clog(int from, int to)
    {
        if (from != to) _clogged[from, to] ??= [];
    }

    public void Unclog(int from, int to)
    {
        if (_clogged[from, to] is not { } waiting) return;
        _clogged[from, to] = null;
        foreach (var deliver in waiting) loop.Schedule(1 + dice.Exponential(MeanDelay), deliver);
    }

    public void Mend(int from, int to)
    {
        _cut[from, to] = false;
        Unclog(from, to);
    }

    /// <summary>Opens all links again.</summary>
    public void MendAll()
    {
        for (var from = 0; from < nodes; from++)
        {
            for (var to = 0; to < nodes; to++) Mend(from, to);
        }
    }

    private void Dispatch(int from, int to, Action deliver)
    {
        // If the link is cut or clogged while a message is under way, it drops or keeps this message too.
        loop.Schedule(1 + dice.Exponential(MeanDelay), () =>
        {
            if (_cut[from, to]) Lost++;
            else if (_clogged[from, to] is { } waiting) waiting.Add(deliver);
            else deliver();
        });
    }
}
