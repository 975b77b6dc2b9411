namespace Gemini.Grains.Health;

/// <summary>
/// The seam by which the root agent asks a trainer itself whether it lives, past a silo that may be dead. Implemented by the silo
/// program over a socket.
/// </summary>
public interface ITrainerProbe
{
    /// <summary>Asks a bounded number of times; never throws.</summary>
    /// <param name="address">As the trainer's hello gave it.</param>
    Task<ProbeAnswer> AskAsync(string address);
}
