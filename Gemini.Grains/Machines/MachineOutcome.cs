namespace Gemini.Grains.Machines;

/// <summary>What came of an order, and why, on one line.</summary>
public sealed record MachineOutcome(MachineResult Result, string Reason)
{
    public static MachineOutcome Accepted(string reason) => new(MachineResult.Accepted, reason);

    public static MachineOutcome Failed(string reason) => new(MachineResult.Failed, reason);

    public static MachineOutcome TimedOut(string reason) => new(MachineResult.TimedOut, reason);
}
