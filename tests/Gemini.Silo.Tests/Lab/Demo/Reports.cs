using Gemini.Silo.Lab.Demo;
using Gemini.Silo.Status;

namespace Gemini.Silo.Tests.Lab.Demo;

internal static class Reports
{
    public static DemoReport Sample { get; } = new()
    {
        Mode = "marked",
        Hosts = 4,
        Replicas = 2,
        Iterations = 40,
        Model = "gpt2-tiny",
        Parameters = 3257856,
        ShardBytes = 9773568,
        Seed = 1,
        IterationMsMedian = 251.5,
        Failures =
        [
            new("software", "host-1", 12, 0, 11, "local", new RecoveryPhases(21, 14, 0, 903, 12, 263), 1213),
            new("hardware", "host-2", 24, 1, 22, "peer", new RecoveryPhases(64, 31, 2, 512, 40, 280), 929),
        ],
        CommittedLagMax = 1,
        FinalStateHash = "93e085440feb4ed733491ce3a4ecfabd",
        ReferenceStateHash = "93e085440feb4ed733491ce3a4ecfabd",
        Identical = true,
    };
}
