namespace Gemini.Grains.Health;

/// <summary>
/// Asks a trainer itself whether it lives, not through its silo, which may be dead. The silo program implements this over a socket.
/// </summary>
public interface ITrainerProbe
{
    /// <summary>Asks a limited number of times; never throws.</summary>
    /// <param name="address">The address from the trainer's hello.</param>
    Task<ProbeAnswer> AskAsync(string address);
}
