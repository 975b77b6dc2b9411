using System.Diagnostics;
using System.Text;
using Gemini.Silo.Processes;

namespace Gemini.Silo.Tests.Processes;

public sealed class ProcStatTests
{
    private const string Rest = " S 11 12 13 34816 -1 4195328 142 0 0 0 3 1 0 0 20 0 1 0 987654 4096 210 18446744073709551615 1 1 0";

    [Theory]
    [InlineData("sh")]
    [InlineData("")]
    [InlineData("a b c")]
    [InlineData("a) b")]
    [InlineData(") Z 1 2 3 4 (")]
    [InlineData("((")]
    [InlineData("))")]
    [InlineData("two\nlines")]
    [InlineData("größe")]
    public void Parse_AnyName_ReadsWhatFollowsIt(string name) =>
        Assert.Equal(new ProcStat('S', 11, 12, 13, 4195328, 987654), ProcStat.Parse(Encoding.UTF8.GetBytes($"7 ({name}){Rest}\n")));

    [Fact]
    public void Parse_NameThatIsNoText_ReadsWhatFollowsIt() =>
        Assert.Equal(13, ProcStat.Parse([.. "7 ("u8, 0xFF, 0xC3, 0x80, .. ")"u8, .. Encoding.ASCII.GetBytes(Rest)])?.Session);

    [Theory]
    [InlineData("")]
    [InlineData("7 (sh")]
    [InlineData("7 (sh)")]
    [InlineData("7 (sh) S 1 7 7")]
    [InlineData("7 (sh) S 1 7 7 0 -1 4195328 142 0 0 0 3 1 0 0 20 0 1 0")]
    [InlineData("7 (sh) S x 7 7 0 -1 4195328 142 0 0 0 3 1 0 0 20 0 1 0 5")]
    public void Parse_LineThatIsNotWhole_IsNone(string line) => Assert.Null(ProcStat.Parse(Encoding.ASCII.GetBytes(line)));

    [Theory]
    [InlineData(4194304UL, false)]
    [InlineData(4195328UL, true)]
    [InlineData(1024UL, true)]
    [InlineData(4UL, false)]
    public void IsKilled_LooksAtTheKernelsFlags(ulong flags, bool killed) => Assert.Equal(killed, new ProcStat('R', 1, 7, 7, flags, 5).IsKilled);

    [Theory]
    [InlineData('R', true)]
    [InlineData('S', true)]
    [InlineData('T', true)]
    [InlineData('Z', false)]
    [InlineData('X', false)]
    public void IsRunning_EndedAndNotCollected_IsNot(char state, bool running) => Assert.Equal(running, new ProcStat(state, 1, 7, 7, 0, 5).IsRunning);

    [Fact]
    public void Of_NoSuchProcess_IsNone() => Assert.Null(ProcStat.Of(int.MaxValue));

    [Fact]
    public void Of_ChildWithAnOddName_IsThisOnesChild()
    {
        using var folder = new TemporaryFolder();
        var program = Path.Combine(folder.Path, "a) Z 1 (b");
        File.CreateSymbolicLink(program, "/bin/cat");
        using var child = Process.Start(new ProcessStartInfo(program) { RedirectStandardInput = true })!;
        try
        {
            var stat = ProcStat.Of(child.Id);
            var own = ProcStat.Of(Environment.ProcessId);
            Assert.Equal(Environment.ProcessId, stat?.Parent);
            Assert.Equal((own?.Group, own?.Session, true), (stat?.Group, stat?.Session, stat?.IsRunning));
            Assert.InRange(stat!.Value.Age()!.Value, TimeSpan.Zero, own!.Value.Age()!.Value);
        }
        finally
        {
            child.Kill();
        }
    }
}
