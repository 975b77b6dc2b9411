using Gemini.Silo.Processes;

namespace Gemini.Silo.Tests.Processes;

public sealed class ProgramFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Find_Name_IsLookedUpInPath()
    {
        var shell = ProgramFile.Find("sh");
        Assert.NotNull(shell);
        Assert.Equal("sh", Path.GetFileName(shell));
        Assert.True(File.Exists(shell));
        Assert.Null(ProgramFile.Find("no-such-program-of-gemini"));
        Assert.Null(ProgramFile.Find(""));
    }

    [Fact]
    public void Find_Path_IsThatFileOrNothing()
    {
        var path = _folder.Write("program", "");
        Assert.Equal(path, ProgramFile.Find(path));
        Assert.Null(ProgramFile.Find(path + "s"));
        Assert.Null(ProgramFile.Find("./sh"));
    }
}
