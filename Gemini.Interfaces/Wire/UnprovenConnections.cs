namespace Gemini.Interfaces.Wire;

/// <summary>
/// The connections of a port whose peers have not yet proved that they know the job's secret. Anyone can connect, so these connections have a small
/// budget of their own: if it is full, the oldest connection is closed for the newest. A peer that knows the secret proves it within one or two round
/// trips. So it is dropped only if that many others connect in this time; then it connects again.
/// </summary>
/// <param name="maximum">How many such connections may exist at a time. At least 1.</param>
/// <remarks>Thread-safe. Closes connections outside its lock.</remarks>
public sealed class UnprovenConnections(int maximum)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Action> _oldestFirst = [];

    /// <summary>Connections that are in the budget now.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _oldestFirst.Count;
        }
    }

    /// <summary>Adds a new connection. Dispose the result as soon as the peer has proved itself or the connection has ended.</summary>
    /// <param name="close">Ends the connection. Called at most once, from any thread.</param>
    public IDisposable Add(Action close)
    {
        LinkedListNode<Action> added;
        Action? oldest = null;
        lock (_gate)
        {
            if (_oldestFirst.Count >= maximum)
            {
                oldest = _oldestFirst.First!.Value;
                _oldestFirst.RemoveFirst();
            }

            added = _oldestFirst.AddLast(close);
        }

        oldest?.Invoke();
        return new Place(this, added);
    }

    private void Remove(LinkedListNode<Action> connection)
    {
        lock (_gate)
        {
            if (connection.List is not null) _oldestFirst.Remove(connection);
        }
    }

    private sealed class Place(UnprovenConnections owner, LinkedListNode<Action> connection) : IDisposable
    {
        public void Dispose() => owner.Remove(connection);
    }
}
