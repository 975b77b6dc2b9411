namespace Gemini.Grains.Scheduling;

/// <summary>What a sender may do now.</summary>
/// <param name="Wait">How long it waits before it asks again. Zero: it may send.</param>
/// <param name="InFlight">How much may be on its way then, as time on the path.</param>
public readonly record struct SendPermit(TimeSpan Wait, TimeSpan InFlight)
{
    /// <summary>Whether it may send now.</summary>
    public bool MaySend => Wait <= TimeSpan.Zero;
}
