namespace Gemini.Grains.Machines;

/// <summary>What came of an order.</summary>
public enum MachineResult
{
    /// <summary>A machine is up, and its host is expected to join.</summary>
    Accepted,

    /// <summary>There is no machine now.</summary>
    Failed,

    /// <summary>The time of the order was over first.</summary>
    TimedOut,
}
