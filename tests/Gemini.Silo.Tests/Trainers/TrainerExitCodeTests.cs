using Gemini.Grains.Hosts;
using Gemini.Silo.Trainers;

namespace Gemini.Silo.Tests.Trainers;

public sealed class TrainerExitCodeTests
{
    [Theory]
    [InlineData(0, TrainerEnd.OwnFault, "exit code 0")]
    [InlineData(1, TrainerEnd.OwnFault, "exit code 1")]
    [InlineData(3, TrainerEnd.OwnFault, "exit code 3")]
    [InlineData(127, TrainerEnd.OwnFault, "exit code 127")]
    [InlineData(132, TrainerEnd.OwnFault, "exit code 132 (SIGILL)")]
    [InlineData(134, TrainerEnd.OwnFault, "exit code 134 (SIGABRT)")]
    [InlineData(135, TrainerEnd.OwnFault, "exit code 135 (SIGBUS)")]
    [InlineData(136, TrainerEnd.OwnFault, "exit code 136 (SIGFPE)")]
    [InlineData(139, TrainerEnd.OwnFault, "exit code 139 (SIGSEGV)")]
    [InlineData(255, TrainerEnd.OwnFault, "exit code 255")]
    [InlineData(129, TrainerEnd.KilledFromOutside, "exit code 129 (SIGHUP)")]
    [InlineData(130, TrainerEnd.KilledFromOutside, "exit code 130 (SIGINT)")]
    [InlineData(137, TrainerEnd.KilledFromOutside, "exit code 137 (SIGKILL)")]
    [InlineData(138, TrainerEnd.KilledFromOutside, "exit code 138 (SIGUSR1)")]
    [InlineData(143, TrainerEnd.KilledFromOutside, "exit code 143 (SIGTERM)")]
    [InlineData(null, TrainerEnd.KilledFromOutside, "an unknown exit code")]
    public void ExitCode_TellsHowTheProcessEnded(int? exitCode, object end, string description)
    {
        Assert.Equal(end, TrainerExitCode.Classify(exitCode));
        Assert.Equal(description, TrainerExitCode.Describe(exitCode));
    }
}
