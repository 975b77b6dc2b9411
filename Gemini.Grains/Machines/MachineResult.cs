namespace Gemini.Grains.Machines;

/// <summary>How an order ended.</summary>
public enum MachineResult
{
    /// <summary>A machine is up, and its host is expected to join.</summary>
    Accepted,

    /// <summary>The operator did not bring up a machine.</summary>
    Failed,

    /// <summary>The order's limit was over first.</summary>
    TimedOut,
}
