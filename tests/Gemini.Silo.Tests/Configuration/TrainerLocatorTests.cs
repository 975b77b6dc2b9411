using Gemini.Silo.Configuration;

namespace Gemini.Silo.Tests.Configuration;

public sealed class TrainerLocatorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Program => Path.Combine(_folder.Path, "bin", "Gemini.Silo", "release_linux-x64") + "/";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Locate_Configured_Wins()
    {
        _folder.Write("bin/Gemini.Silo/release_linux-x64/trainer/gemini-trainer", "");
        var own = _folder.Write("own", "");

        Assert.Equal(own, TrainerLocator.Locate(new TrainerConfiguration { Command = own }, Program));
    }

    [Fact]
    public void Locate_ConfiguredAndMissing_IsAnError()
    {
        var error = Assert.Throws<BadInputException>(() => TrainerLocator.Locate(new TrainerConfiguration { Command = "/none/such" }, Program));

        Assert.Contains("trainer.command", error.Message);
        Assert.Contains("/none/such", error.Message);
    }

    [Fact]
    public void Locate_BareName_IsLookedUpInPath() =>
        Assert.EndsWith("/sh", TrainerLocator.Locate(new TrainerConfiguration { Command = "sh" }, Program));

    [Fact]
    public void Locate_Installed_IsBesideTheProgram()
    {
        _folder.Write("bin/Gemini.Trainer/release_linux-x64/gemini-trainer", "");
        var installed = _folder.Write("bin/Gemini.Silo/release_linux-x64/trainer/gemini-trainer", "");

        Assert.Equal(installed, TrainerLocator.Locate(new TrainerConfiguration(), Program));
    }

    [Fact]
    public void Locate_DevelopmentTree_IsOfTheSameBuild()
    {
        _folder.Write("bin/Gemini.Trainer/debug_linux-x64/gemini-trainer", "");
        var sibling = _folder.Write("bin/Gemini.Trainer/release_linux-x64/gemini-trainer", "");

        Assert.Equal(sibling, TrainerLocator.Locate(new TrainerConfiguration(), Program));
    }

    [Fact]
    public void Locate_Nowhere_ListsWhereItLooked()
    {
        var error = Assert.Throws<BadInputException>(() => TrainerLocator.Locate(new TrainerConfiguration(), Program));

        Assert.Contains("release_linux-x64/trainer/gemini-trainer", error.Message);
        Assert.Contains("Gemini.Trainer/release_linux-x64/gemini-trainer", error.Message);
        Assert.Contains("dotnet build", error.Message);
    }
}
