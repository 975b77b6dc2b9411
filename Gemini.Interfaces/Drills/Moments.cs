namespace Gemini.Interfaces.Drills;

/// <summary>
/// Where the product says that it has come to a <see cref="Moment"/>. Without a drill, which is always but on hosts of <c>gemini
/// drill</c> and <c>gemini demo --chaos</c>, that costs one comparison with null. See <c>Gemini.Silo/Lab/Matrix/DESIGN.md</c>.
/// </summary>
/// <remarks>
/// Static, because a drill holds processes: a process either belongs to one or does not, and passing this through every constructor
/// between <c>Program</c> and a chunk loop would cost more than it tells.
/// </remarks>
public static class Moments
{
    private static DrillConnection? _drill;

    /// <summary>From now on this process can be held by the drill whose controller listens at the socket. At most once a process.</summary>
    /// <param name="socket">Path of the controller's unix socket; empty: nothing happens.</param>
    /// <param name="host">The host that this process belongs to.</param>
    /// <param name="time">Measures how long the process is held at most.</param>
    /// <exception cref="IOException">Nobody listens there.</exception>
    public static void Join(string socket, string host, TimeProvider time)
    {
        if (socket.Length == 0 || _drill is not null) return;
        _drill = DrillConnection.Open(socket, host, time);
    }

    /// <summary>The process has come to this moment. Completes at once, or, if a drill waits for it, when the drill lets it go on.</summary>
    /// <param name="moment">Which.</param>
    /// <param name="value">The iteration or epoch; see <see cref="Moment"/>.</param>
    public static ValueTask ReachAsync(Moment moment, long value) => _drill?.ReachAsync(moment, value) ?? ValueTask.CompletedTask;

    /// <summary>The same on a thread that may block.</summary>
    public static void Reach(Moment moment, long value)
    {
        var reached = ReachAsync(moment, value);
        if (!reached.IsCompletedSuccessfully) reached.AsTask().GetAwaiter().GetResult();
    }
}
