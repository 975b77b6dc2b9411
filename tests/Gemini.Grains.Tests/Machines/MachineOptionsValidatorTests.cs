using Gemini.Grains.Machines;

namespace Gemini.Grains.Tests.Machines;

public sealed class MachineOptionsValidatorTests
{
    [Fact]
    public void Defaults_AreValid() => Assert.True(new MachineOptionsValidator().Validate(null, new MachineOptions()).Succeeded);

    public static TheoryData<MachineOptions, string> Broken => new()
    {
        { new() { ReturnGrace = TimeSpan.FromSeconds(-1) }, "ReturnGrace" },
        { new() { PauseMinimum = TimeSpan.Zero }, "PauseMinimum" },
        { new() { PauseMaximum = TimeSpan.FromSeconds(1) }, "at least PauseMinimum" },
        { new() { AttemptLimit = TimeSpan.Zero }, "AttemptLimit" },
        { new() { JoinLimit = TimeSpan.Zero }, "JoinLimit" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Broken_IsRefusedByName(MachineOptions options, string part) =>
        Assert.Contains(part, new MachineOptionsValidator().Validate(null, options).FailureMessage);
}
