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
}
