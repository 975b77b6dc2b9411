using System.CommandLine;

namespace Gemini.Silo.Commands;

/// <summary><c>gemini drill</c>: makes failures on purpose, on this machine, and checks or measures what Gemini promises.</summary>
internal static class DrillCommand
{
    public static Command Create(TextWriter output, TextWriter error) =>
        new("drill", "Makes failures on purpose, on hosts of this machine, and checks or measures what Gemini promises.")
        {
            MatrixDrillCommand.Create(output),
            RedisDrillCommand.Create(),
            RecoveryDrillCommand.Create(output, error),
            DetectDrillCommand.CreateDetect(output, error),
            DetectDrillCommand.CreateCalm(output, error),
        };
}
