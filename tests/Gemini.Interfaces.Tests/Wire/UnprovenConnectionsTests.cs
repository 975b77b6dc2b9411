using Gemini.Interfaces.Wire;

namespace Gemini.Interfaces.Tests.Wire;

public sealed class UnprovenConnectionsTests
{
    private readonly UnprovenConnections _connections = new(maximum: 3);
    private readonly List<int> _closed = [];

    [Fact]
    public void Add_OneTooMany_ClosesTheOldest()
    {
        for (var connection = 1; connection <= 5; connection++) Add(connection);
        Assert.Equal([1, 2], _closed);
        Assert.Equal(3, _connections.Count);
    }

    [Fact]
    public void Add_OthersHaveProvedThemselves_ClosesNone()
    {
        for (var connection = 1; connection <= 100; connection++) Add(connection).Dispose();
        for (var connection = 101; connection <= 103; connection++) Add(connection);
        Assert.Empty(_closed);
    }

    [Fact]
    public void Dispose_ClosedBefore_TakesNobodyElsesPlace()
    {
        var first = Add(1);
        for (var connection = 2; connection <= 4; connection++) Add(connection);
        first.Dispose();
        first.Dispose();
        Assert.Equal(3, _connections.Count);
        Add(5);
        Assert.Equal([1, 2], _closed);
    }

    private IDisposable Add(int connection) => _connections.Add(() => _closed.Add(connection));

    [Fact]
    public void Count_OneProvesItself_IsOneLess()
    {
        Add(1);
        using (Add(2)) Assert.Equal(2, _connections.Count);
        Assert.Equal(1, _connections.Count);
        Assert.Empty(_closed);
    }

    /// <summary>Another connection may come while one is being closed: the call must not hold the lock.</summary>
    [Fact]
    public void Add_TheClosedOneAddsAnother_IsNoDeadlock()
    {
        var connections = new UnprovenConnections(maximum: 1);
        var order = new List<string>();
        connections.Add(() =>
        {
            order.Add("first closed");
            connections.Add(() => order.Add("third closed"));
        });
        connections.Add(() => order.Add("second closed"));
        Assert.Equal(["first closed", "second closed"], order);
        Assert.Equal(1, connections.Count);
    }

    [Fact]
    public async Task AddAndDispose_FromManyThreads_KeepTheBudgetAndCloseEachOnce()
    {
        var closed = new int[4 * 2000];
        var most = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var turn = 0; turn < 2000; turn++)
            {
                var connection = (thread * 2000) + turn;
                var place = _connections.Add(() => Interlocked.Increment(ref closed[connection]));
                InterlockedMax(ref most, _connections.Count);
                if (turn % 3 != 0) place.Dispose();
            }
        })));

        Assert.InRange(most, 1, 3);
        Assert.All(closed, times => Assert.InRange(times, 0, 1));
        Assert.InRange(_connections.Count, 0, 3);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var known = Volatile.Read(ref most); value > known;)
        {
            var found = Interlocked.CompareExchange(ref most, value, known);
            if (found == known) return;
            known = found;
        }
    }
}
