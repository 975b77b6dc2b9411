namespace Gemini.Interfaces.Drills;

/// <summary>
/// The product calls this class when it reaches a <see cref="Moment"/>. Only hosts of <c>gemini drill</c> and <c>gemini demo --chaos</c> have a
/// drill; without one, a call costs one comparison with null. See <c>Gemini.Silo/Lab/Matrix/DESIGN.md</c>.
/// </summary>
/// <remarks>
/// Static, because a drill holds whole processes: a process either belongs to a drill or does not. Passing an object through every constructor
/// between <c>Program</c> and a chunk loop would cost more than it explains.
/// </remarks>
public static class Moments
{
    private static DrillConnection? _drill;

    /// <summary>From now on the drill whose controller listens at the socket can hold this process. Only the first call in a process has an effect.</summary>
    /// <param name="socket">Path of the controller's unix socket; empty: nothing happens.</param>
    /// <param name="host">The host that this process belongs to.</param>
    /// <param name="time">Measures how long the process is held at most.</param>
    /// <exception cref="IOException">Nobody listens there.</exception>
    public static void Join(string socket, string host, TimeProvider time)
    {
        if (socket.Length == 0 || _drill is not null) return;
        _drill = DrillConnection.Open(socket, host, time);
    }

    /// <summary>The process has reached this moment. Completes at once; if a drill has armed this moment, completes when the drill releases it.</summary>
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
