using Gemini.Silo.Processes;
using Microsoft.Extensions.Time.Testing;

namespace Gemini.Silo.Tests.Processes;

/// <summary>A program of the user with everything that it starts. Nothing of it may be left when its time is over.</summary>
public sealed class ProcessGroupTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_HasBothOutputsItsEnvironmentNoInputAndItsExitCode()
    {
        using var group = Start("read line || echo no input; echo $GEMINI_TEST; echo error >&2; exit 7", environment => environment["GEMINI_TEST"] = "set");
        Assert.Equal("no input\nset\n", await group.Output.ReadToEndAsync(Token));
        Assert.Equal("error\n", await group.Errors.ReadToEndAsync(Token));
        await group.WaitForExitAsync(Token);
        Assert.Equal(7, group.ExitCode);
    }

    /// <summary>The program leads the group itself. Otherwise a signal to the group would also reach this process, or would not reach the program.</summary>
    [Fact]
    public async Task Start_TheProgramLeadsItsOwnGroup()
    {
        using var group = Start("echo $$; cut -d ' ' -f 5 /proc/self/stat", _ => { });
        Assert.Equal($"{group.Id}\n{group.Id}\n", await group.Output.ReadToEndAsync(Token));
        await group.WaitForExitAsync(Token);
    }

    [Fact]
    public async Task End_ProgramObeys_EndsBeforeTheGrace()
    {
        using var group = Start("trap 'echo told; exit 3' TERM; echo ready; while :; do sleep 0.05; done", _ => { });
        await group.Output.ReadLineAsync(Token);
        await group.EndAsync(Grace, _time).WaitAsync(Wait.Limit, Token);
        Assert.Equal((3, "told"), (group.ExitCode, await group.Output.ReadLineAsync(Token)));
    }

    [Fact]
    public async Task End_ProgramIgnoresIt_IsKilledAfterTheGrace()
    {
        using var group = Start("trap '' TERM; echo ready; while :; do sleep 0.05; done", _ => { });
        await group.Output.ReadLineAsync(Token);
        var ending = group.EndAsync(Grace, _time);
        _time.Advance(Grace - TimeSpan.FromTicks(1));
        Assert.False(ending.IsCompleted);
        Assert.True(Lives(group.Id));
        _time.Advance(TimeSpan.FromTicks(1));
        await ending.WaitAsync(Wait.Limit, Token);
        Assert.Equal(137, group.ExitCode);
    }

    /// <summary>The program obeys, but a process that it has started does not. This process is killed too, although its parent is gone.</summary>
    [Fact]
    public async Task End_OneOfItsProcessesStays_IsKilledToo()
    {
        using var group = Start(
            "sh -c \"trap '' TERM; echo \\$\\$; while :; do sleep 0.05; done\" & trap 'exit 0' TERM; while :; do sleep 0.05; done", _ => { });
        var child = int.Parse((await group.Output.ReadLineAsync(Token))!);
        await group.EndAsync(Grace, _time).WaitAsync(Wait.Limit, Token);
        await Wait.UntilAsync(() => !Lives(child), "the end of the child");
    }

    [Fact]
    public async Task End_ProgramHasEndedAlready_DoesNothing()
    {
        using var group = Start("exit 4", _ => { });
        await group.WaitForExitAsync(Token);
        await group.EndAsync(Grace, _time).WaitAsync(Wait.Limit, Token);
        Assert.Equal(4, group.ExitCode);
    }

    [Fact]
    public async Task Start_NoSuchProgram_EndsWithAnErrorThatNamesIt()
    {
        using var group = ProcessGroup.Start(["/no/such/program"], _ => { });
        Assert.Contains("/no/such/program", await group.Errors.ReadToEndAsync(Token), StringComparison.Ordinal);
        await group.WaitForExitAsync(Token);
        Assert.NotEqual(0, group.ExitCode);
    }

    private static ProcessGroup Start(string script, Action<IDictionary<string, string?>> prepare) => ProcessGroup.Start(["/bin/sh", "-c", script], prepare);

    private static bool Lives(int processId) => ProcStat.Of(processId) is { IsRunning: true };
}
