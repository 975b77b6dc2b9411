using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gemini.Grains.Machines;
using Gemini.Silo.Configuration;
using Gemini.Silo.Machines;
using Gemini.Silo.Processes;

namespace Gemini.Silo.Tests.Machines;

/// <summary>
/// Real processes with the command line of a host, and a port at which this test listens. Gemini.Cluster.Tests starts the real host.
/// </summary>
public sealed class LocalProcessOperatorTests : MachineOperatorContract
{
    private const string Runs = "while :; do sleep 1; done";

    private readonly TemporaryFolder _folder = new();
    private Socket _port = TestPorts.Refusing();
    private string _script = Runs;
    private bool _comesUp = true;
    private int _cameUp;

    public LocalProcessOperatorTests()
    {
        _port.Listen();
        Configure(configuration => configuration);
    }

    private protected override IMachineOperator Operator => new LocalProcessOperator(_folder.Path, TimeProvider.System, Program);

    private protected override int Machines => _cameUp;

    private string Configuration => In("host-b.json");

    private protected override void Refuse()
    {
        StayDown();
        _script = "echo 'no quota left'; exit 2";
    }

    private protected override void Hang() => StayDown();

    /// <summary>A host that is starting continues to start. The operator does no other work.</summary>
    private protected override Task AssertIdleAsync() => Task.CompletedTask;

    [Fact]
    public async Task Process_StillRunsFromBeforeTheLoss_IsNotKilledAndNotDoubled()
    {
        Assert.Equal(MachineResult.Accepted, (await CallAsync(Order())).Result);
        await Wait.UntilAsync(() => HostProcesses.With(Configuration) is { Age.Ticks: > 0 }, "a process of a measurable age");
        var running = HostProcesses.With(Configuration)!.Value;

        var outcome = await CallAsync(Order() with { MissingFor = TimeSpan.Zero });

        Assert.Equal(MachineResult.Failed, outcome.Result);
        Assert.Contains($"its process {running.Id} still runs", outcome.Reason);
        Assert.Contains($"kill -9 {running.Id}", outcome.Reason);
        Assert.True(ProcessTools.IsRunning(running.Id));
        Assert.Equal(1, Machines);
    }

    [Fact]
    public async Task Process_StartedByHandWithARelativePath_IsFound()
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", Runs, "gemini", "host", "--config", "./host-b.json"]) { WorkingDirectory = _folder.Path };
        using var process = Process.Start(start)!;

        var outcome = await CallAsync(Order());

        Assert.Equal(MachineOutcome.Accepted($"pid {process.Id} listens"), outcome);
        Assert.Contains(Said, line => line.StartsWith($"pid {process.Id} was there", StringComparison.Ordinal));
        Assert.Equal(0, Machines);
    }

    /// <summary>Until it runs its own program, a child has the command line of its parent. The shell here has such a child all the time.</summary>
    [Fact]
    public async Task Process_HasAChildWithTheSameCommandLine_IsFoundAndNotTheChild()
    {
        const string forks = "(while :; do sleep 1; done) & wait";
        using var process = Process.Start("/bin/sh", ["-c", forks, "gemini", "host", "--config", Configuration])!;
        await Wait.UntilAsync(() => ProcessTools.ChildrenOf(process.Id).Any(HasTheSameCommandLine), "the child");

        var outcome = await CallAsync(Order());

        Assert.Equal(MachineOutcome.Accepted($"pid {process.Id} listens"), outcome);

        static bool HasTheSameCommandLine(int child) => File.ReadAllText($"/proc/{child}/cmdline").Contains(forks, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Configuration_Absent_FailsNamingTheFile()
    {
        File.Delete(Configuration);
        Assert.Equal(MachineOutcome.Failed($"the file {Configuration} does not exist; write one like the samples in deploy/hosts"), await CallAsync(Order()));
    }

    [Fact]
    public async Task Configuration_Broken_FailsWithItsProblem()
    {
        _folder.Write("host-b.json", "{ \"hots\": 1 }");
        Assert.Contains("Unknown property 'hots'", (await CallAsync(Order())).Reason);
    }

    [Fact]
    public async Task Configuration_OfAnotherHostOrJob_OrOfALauncher_IsRefused()
    {
        Configure(configuration => configuration with { Host = configuration.Host with { Name = "host-c" } });
        Assert.Contains("name it \"host-b\"", (await CallAsync(Order())).Reason);
        Configure(configuration => configuration with { Job = configuration.Job with { Name = "other" } });
        Assert.Contains("name it \"job\"", (await CallAsync(Order())).Reason);
        Configure(configuration => configuration with { StopWhenInputEnds = true });
        Assert.Contains("stopWhenInputEnds", (await CallAsync(Order())).Reason);
        Assert.Equal(0, Machines);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        while (HostProcesses.With(Configuration) is { } process) ProcessTools.Kill(process.Id);
        _port.Dispose();
        _folder.Dispose();
    }

    private ProcessStartInfo Program(string configuration, string log)
    {
        if (_comesUp) Interlocked.Increment(ref _cameUp);
        return new ProcessStartInfo("/bin/sh", ["-c", $"exec >>'{log}'; {_script}", "gemini", "host", "--config", configuration]);
    }

    private void Configure(Func<HostConfiguration, HostConfiguration> change) => HostConfigurationFile.Save(
        change(new HostConfiguration
        {
            Job = new() { Name = "job", Hosts = ["host-a", "host-b"] },
            Host = new() { Name = "host-b", SiloPort = ((IPEndPoint)_port.LocalEndPoint!).Port, GatewayPort = 1, DataPort = 2, WebPort = 0 },
            SecretFile = "/k",
            Logs = In("logs"),
        }),
        Configuration);

    /// <summary>The host gets a port at which nobody has ever listened.</summary>
    private void StayDown()
    {
        _port.Dispose();
        (_port, _comesUp) = (TestPorts.Refusing(), false);
        Configure(configuration => configuration);
    }

    private string In(string name) => Path.Combine(_folder.Path, name);
}
