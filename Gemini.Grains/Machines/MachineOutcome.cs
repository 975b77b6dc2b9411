namespace Gemini.Grains.Machines;

/// <summary>How an order ended, and the reason on one line.</summary>
public sealed record MachineOutcome(MachineResult Result, string Reason)
{
    public static MachineOutcome Accepted(string reason) => new(MachineResult.Accepted, reason);

    public static MachineOutcome Failed(string reason) => new(MachineResult.Failed, reason);

    public static MachineOutcome TimedOut(string reason) => new(MachineResult.TimedOut, reason);
}
