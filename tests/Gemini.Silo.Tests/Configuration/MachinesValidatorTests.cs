using Gemini.Silo.Configuration;

namespace Gemini.Silo.Tests.Configuration;

/// <summary>The rules of the section "machines", at their boundaries.</summary>
public sealed class MachinesValidatorTests
{
    private const double Day = 86_400;

    private static readonly MachinesConfiguration Sound = new() { Process = new ProcessMachinesConfiguration { Configurations = "/jobs" } };

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(Day)]
    [InlineData(null)]
    public void AfterSeconds_FromZeroToADay_IsSound(double? seconds) => Assert.Empty(MachinesValidator.Validate(Sound with { AfterSeconds = seconds }));

    [Theory]
    [InlineData(-0.001)]
    [InlineData(Day + 1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void AfterSeconds_Otherwise_IsNamed(double seconds) => Assert.Equal(
        $"machines.afterSeconds is {seconds}, but must be 0 to 86400; leave it out for the operator's own",
        Assert.Single(MachinesValidator.Validate(Sound with { AfterSeconds = seconds })));

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(Day + 1)]
    [InlineData(double.NaN)]
    public void Seconds_NotAboveZeroOrMoreThanADay_AreNamedEach(double seconds)
    {
        var machines = Sound with { PauseSeconds = seconds, LongestPauseSeconds = seconds, LimitSeconds = seconds, JoinSeconds = seconds };
        string[] properties = ["pauseSeconds", "longestPauseSeconds", "limitSeconds", "joinSeconds"];
        Assert.Equal(
            properties.Select(property => $"machines.{property} is {seconds}, but must be above 0 and at most 86400; leave it out for the default"),
            MachinesValidator.Validate(machines));
    }

    [Fact]
    public void Seconds_OfADay_AreSound() =>
        Assert.Empty(MachinesValidator.Validate(Sound with { PauseSeconds = Day, LongestPauseSeconds = Day, LimitSeconds = Day, JoinSeconds = Day }));

    [Theory]
    [InlineData(9, 9, true)]
    [InlineData(9, 8.5, false)]
    public void LongestPause_IsAtLeastTheFirstOne(double pause, double longest, bool isSound)
    {
        var problems = MachinesValidator.Validate(Sound with { PauseSeconds = pause, LongestPauseSeconds = longest });
        Assert.Equal(isSound ? [] : ["machines.longestPauseSeconds is 8.5, but must be at least pauseSeconds, 9; raise it"], problems);
    }

    [Theory]
    [InlineData(false, false, false, "0")]
    [InlineData(true, true, false, "2")]
    [InlineData(true, true, true, "3")]
    public void Operators_MustBeOne(bool process, bool command, bool kubernetes, string count)
    {
        var machines = new MachinesConfiguration
        {
            Process = process ? Sound.Process : null,
            Command = command ? new CommandMachinesConfiguration { Run = ["./replace-host.sh"] } : null,
            Kubernetes = kubernetes ? new KubernetesMachinesConfiguration() : null,
        };
        Assert.Equal(
            $"machines names {count} operators, but must name exactly one; keep one of \"process\", \"command\" and \"kubernetes\"",
            Assert.Single(MachinesValidator.Validate(machines)));
    }

    [Fact]
    public void Command_WithAnEmptyProgram_IsNamedWithAnExample() => Assert.Equal(
        "machines.command.run is empty. Give a program and its arguments, such as [\"./replace-host.sh\"]",
        Assert.Single(MachinesValidator.Validate(new MachinesConfiguration { Command = new CommandMachinesConfiguration { Run = ["", "x"] } })));

    [Fact]
    public void EveryBrokenRule_IsNamedAtOnce() => Assert.Equal(
        7,
        MachinesValidator.Validate(new MachinesConfiguration
        {
            Process = new ProcessMachinesConfiguration { Configurations = "" },
            Kubernetes = new KubernetesMachinesConfiguration { Pod = "gemini" },
            AfterSeconds = -1,
            PauseSeconds = 9,
            LongestPauseSeconds = 3,
            LimitSeconds = 0,
            JoinSeconds = 0,
        }).Count);
}
