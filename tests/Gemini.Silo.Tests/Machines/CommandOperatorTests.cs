using System.Globalization;
using Gemini.Grains.Machines;
using Gemini.Silo.Configuration;
using Gemini.Silo.Machines;
using Gemini.Silo.Processes;

namespace Gemini.Silo.Tests.Machines;

/// <summary>A real script in a real shell.</summary>
public sealed class CommandOperatorTests : MachineOperatorContract
{
    private readonly TemporaryFolder _folder = new();

    public CommandOperatorTests() => Script("""
        echo "asking for $GEMINI_HOST"
        # As the sample does: one call at a time for a host, and nothing twice.
        exec 9> "lock-$GEMINI_HOST"
        flock 9
        [ -e "up-$GEMINI_HOST" ] || echo up >> "up-$GEMINI_HOST"
        """);

    private protected override IMachineOperator Operator => CommandOperator.Create([Program], TimeProvider.System);

    private protected override int Machines => File.Exists(In("up-host-b")) ? File.ReadLines(In("up-host-b")).Count() : 0;

    private string Program => In("replace.sh");

    private protected override void Refuse() => Script("echo 'no quota' >&2; exit 3");

    private protected override void Hang() => Script("sleep 300 & echo $! > children; echo waiting; wait");

    private protected override async Task AssertIdleAsync()
    {
        if (!File.Exists(In("children"))) return;
        var child = int.Parse(await File.ReadAllTextAsync(In("children"), Stop), CultureInfo.InvariantCulture);
        await Wait.UntilAsync(() => !ProcessTools.IsRunning(child), "the end of what the command had started");
    }

    [Fact]
    public async Task Command_IsToldHostReasonAndAttempt()
    {
        Script("""echo "$GEMINI_JOB|$GEMINI_HOST|$GEMINI_REASON|$GEMINI_ATTEMPT|$GEMINI_MISSING_SECONDS" """);
        var outcome = await CallAsync(Order() with { Reason = "for position 1; $(false) \"quoted\"", Attempt = 3 });
        Assert.Equal(MachineOutcome.Accepted("job|host-b|for position 1; $(false) \"quoted\"|3|60"), outcome);
    }

    [Fact]
    public async Task Command_Fails_WithExitCodeAndLastLine()
    {
        Script("echo one; echo quota exceeded; exit 7");
        Assert.Equal(MachineOutcome.Failed("exit code 7: quota exceeded"), await CallAsync(Order()));
        Assert.Equal(["one", "quota exceeded"], Said);
    }

    [Fact]
    public async Task Command_KilledBySomebody_Fails()
    {
        Script("kill -9 $$");
        Assert.Equal(MachineOutcome.Failed("ended by signal 9, and said nothing"), await CallAsync(Order()));
    }

    [Fact]
    public async Task Command_LeavesSomethingThatKeepsItsOutputOpen_EndsAllTheSame()
    {
        Script("echo up; sleep 60 & echo $! > background");
        Assert.Equal(MachineOutcome.Accepted("up"), await CallAsync(Order()));
        var background = int.Parse(await File.ReadAllTextAsync(In("background"), Stop), CultureInfo.InvariantCulture);
        Assert.True(ProcessTools.IsRunning(background));
        ProcessTools.Kill(background);
    }

    [Fact]
    public async Task Command_IgnoresTheRequestToEnd_IsKilled()
    {
        Script("trap '' TERM; echo $$ > children; echo deaf; while :; do sleep 1; done");
        Assert.Equal(MachineResult.TimedOut, (await TimeOutAsync(TimeSpan.FromSeconds(2))).Result);
        await AssertIdleAsync();
    }

    [Fact]
    public async Task Command_PrintsALineWithoutEnd_IsCut()
    {
        Script("head -c 3000000 /dev/zero | tr '\\0' x; exit 1");
        var outcome = await CallAsync(Order());
        Assert.Equal(MachineResult.Failed, outcome.Result);
        Assert.InRange(outcome.Reason.Length, 100, 310);
    }

    [Fact]
    public void Create_NoSuchProgram_OrNotExecutable_NamesTheFix()
    {
        Assert.Contains("no such program", Assert.Throws<BadInputException>(() => CommandOperator.Create([In("none")], TimeProvider.System)).Message);
        File.SetUnixFileMode(Program, UnixFileMode.UserRead);
        Assert.Contains("chmod +x", Assert.Throws<BadInputException>(() => CommandOperator.Create([Program], TimeProvider.System)).Message);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    private string In(string name) => Path.Combine(_folder.Path, name);

    private void Script(string body) => _folder.WriteProgram("replace.sh", $"cd '{_folder.Path}'\n{body}");
}
