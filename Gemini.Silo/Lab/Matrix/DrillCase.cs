using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Matrix;

/// <summary>One cell of the kill matrix.</summary>
internal readonly record struct DrillCase(DrillTarget Target, DrillTime Time, bool WithStorage)
{
    /// <summary>Whether a first failure starts a recovery, in the middle of which this case kills.</summary>
    public bool IsInRecovery => Time >= DrillTime.Decide;

    public override string ToString() => $"{DrillNames.Of(Target)} x {DrillNames.Of(Time)}{(WithStorage ? "" : ", no storage")}";
}
