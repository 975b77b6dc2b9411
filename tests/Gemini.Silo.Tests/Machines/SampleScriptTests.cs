using Gemini.Grains.Machines;
using Gemini.Interfaces.Model;
using Gemini.Silo.Machines;

namespace Gemini.Silo.Tests.Machines;

/// <summary>deploy/operator/start-host.sh with a fake ssh that only records its arguments.</summary>
public sealed class SampleScriptTests : IDisposable
{
    private static readonly string Script = Repository.PathOf("deploy/operator/start-host.sh");

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];

    [Theory]
    [InlineData("", true)]
    [InlineData("86400", true)]
    [InlineData("30", false)]
    public async Task Host_IsRestartedUnlessItsServiceIsYoungerThanTheLoss(string ageSeconds, bool restarted)
    {
        var outcome = await RunAsync($"case \"$*\" in *etimes*) echo ' {ageSeconds}';; esac");

        Assert.Equal(MachineResult.Accepted, outcome.Result);
        Assert.Equal("attempt 2 for host-b, for position 1", _said[0]);
        Assert.Equal(restarted, Calls().Any(call => call.EndsWith("host-b sudo systemctl restart gemini@job", StringComparison.Ordinal)));
        Assert.All(Calls(), call => Assert.Contains("BatchMode=yes", call));
    }

    [Fact]
    public async Task Machine_DoesNotAnswer_FailsWithAWord()
    {
        var outcome = await RunAsync("exit 255");
        Assert.Equal(MachineOutcome.Failed("exit code 1: host-b does not answer; it needs a person or a new machine"), outcome);
    }

    public void Dispose() => _folder.Dispose();

    private IEnumerable<string> Calls() => File.ReadLines(Path.Combine(_folder.Path, "calls"));

    private async Task<MachineOutcome> RunAsync(string ssh)
    {
        _folder.WriteProgram("ssh", $"echo \"$*\" >> '{_folder.Path}/calls'\n{ssh}");
        var run = CommandOperator.Create(
            ["env", $"PATH={_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}", $"TMPDIR={_folder.Path}", Script], TimeProvider.System);
        var order = new MachineOrder("job", new HostName("host-b"), "for position 1", 2, TimeSpan.FromMinutes(1), Wait.Limit);
        return await MachineCall.RunAsync(run, order, _said.Add, TimeProvider.System, TestContext.Current.CancellationToken);
    }
}
