using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Files;
using Gemini.Silo.Commands;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Lab.Demo;
using Gemini.Silo.Tests.Lab.Demo;

namespace Gemini.Silo.Tests.Commands;

public sealed class GeminiCommandLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("demo --hosts 2 --replicas 3", "--replicas is 3")]
    [InlineData("demo --hosts 0", "--hosts is 0")]
    [InlineData("demo --iterations 0", "--iterations is 0")]
    [InlineData("demo --standby -1", "--standby is -1")]
    [InlineData("demo --model gpt9", "--model gpt9 is unknown")]
    [InlineData("demo --model gpt2-100b --hosts 64 --replicas 64", "but the job needs")]
    [InlineData("demo --data /no/such/path", "--data /no/such/path does not exist")]
    [InlineData("demo --report /no/such/r.json", "--report /no/such/r.json cannot be written")]
    [InlineData("demo --trainer sh --storage /proc/no-such --persist-every 5", "--storage /proc/no-such cannot be used")]
    [InlineData("demo --persist-every 0", "--persist-every is 0")]
    [InlineData("demo --trainer /no/such", "there is no such program")]
    [InlineData("demo --trainer sh --kill host:host-9@3", "unknown host")]
    [InlineData("demo --trainer sh --kill host:host-1@41", "outside of the run")]
    [InlineData("demo --trainer sh --kill now", "WHAT:HOST@ITERATION")]
    [InlineData("demo --hosts many", "--hosts")]
    [InlineData("demo --colour", "--colour")]
    [InlineData("demo --trainer sh --chaos", "--chaos does not accept --trainer")]
    [InlineData("demo --chaos --standby 0", "--standby is 0")]
    [InlineData("demo --chaos --mode none", "--mode is none, but a drill checks recoveries from host memory; use one of marked, gemini")]
    [InlineData("drill matrix --mode strawman", "--mode is strawman, but a drill checks recoveries from host memory")]
    [InlineData("demo --chaos --iterations 9", "--chaos does not accept --iterations")]
    [InlineData("demo --chaos --failures 0", "--failures is 0")]
    [InlineData("drill detect --repetitions many", "Try: gemini drill detect --help")]
    [InlineData("drill", "gemini drill --help")]
    [InlineData("host", "--config")]
    [InlineData("host --config /no/such.json", "/no/such.json cannot be read")]
    [InlineData("host --config a.json --set webPort", "--set is \"webPort\", but must be PROPERTY=VALUE")]
    [InlineData("host --config a.json --json", "--json works only with --print-config")]
    [InlineData("host --config a.json --check --print-config", "--check and --print-config")]
    [InlineData("status", "either --config FILE, or --redis")]
    [InlineData("status --redis 127.0.0.1:1", "either --config FILE, or --redis")]
    [InlineData("status --config /no/such.json", "/no/such.json cannot be read")]
    [InlineData("status --config a.json --job b", "either --config FILE, or --redis")]
    [InlineData("status --redis 127.0.0.1:1 --job b --timeout 0", "--timeout is 0")]
    [InlineData("status --redis 127.0.0.1:1 --job b --max-behind 0", "--max-behind is 0")]
    [InlineData("status --redis 127.0.0.1:1 --job b --json --brief", "leave one out")]
    [InlineData("status --redis redis://127.0.0.1:1 --job b", "redis is a URL")]
    [InlineData("chart /no/such.json out.svg", "/no/such.json cannot be read")]
    [InlineData("demo --trainer sh --report /dev", "it is a folder; name a file in it")]
    [InlineData("demo --trainer sh --logs /dev/null", "--logs /dev/null cannot be used")]
    [InlineData("demo --trainer sh --memory /dev/null", "--memory /dev/null is a device")]
    [InlineData("drill detect --report /no/such/r.json", "--report /no/such/r.json cannot be written")]
    [InlineData("dance", "dance")]
    public async Task Run_BadInput_IsOneLineAndNotZero(string arguments, string expected)
    {
        var (code, output, error) = await Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(ExitCodes.BadInput, code);
        Assert.Equal("", output);
        Assert.Contains(expected, Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Theory]
    [InlineData("--help", "demo")]
    [InlineData("", "demo")]
    [InlineData("help", "demo")]
    [InlineData("help host", "--address")]
    [InlineData("demo --help", "--kill trainer:host-1@12")]
    [InlineData("host --help", "deploy/hosts")]
    [InlineData("status --help", "4 no answer")]
    public async Task Run_Help_Teaches(string arguments, string expected)
    {
        var (code, output, error) = await Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((ExitCodes.Success, ""), (code, error));
        Assert.Contains(expected, output);
    }

    [Fact]
    public async Task Status_NoRedis_IsOneLineThatSaysWhatToCheck_WithACodeOfItsOwn()
    {
        var (code, output, error) = await Run("status", "--redis", "127.0.0.1:1", "--job", "nothing", "--timeout", "1");

        Assert.Equal((ExitCodes.NoAnswer, ""), (code, output));
        // The connection is refused at once, or the limit passes first: this depends on the machine's load.
        Assert.StartsWith("gemini status: the job's redis 127.0.0.1:1 ", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task Host_PortTaken_SaysWhich()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var (code, _, error) = await Run("host", "--config", WriteHost($"\"siloPort\": {port}"));

        Assert.Equal(ExitCodes.BadInput, code);
        Assert.Contains($"host.siloPort {port} on 127.0.0.1 is taken", error);
    }

    [Fact]
    public async Task Host_NoSecret_SaysHowToMakeOne()
    {
        var path = WriteHost("\"webPort\": 0");
        File.Delete(Path.Combine(_folder.Path, "job.key"));

        var (code, _, error) = await Run("host", "--config", path);

        Assert.Equal(ExitCodes.BadInput, code);
        Assert.Contains("/dev/urandom", error);
    }

    [Fact]
    public async Task Host_SecretThatOthersMayRead_IsOneLineWithTheFix()
    {
        var path = WriteHost("\"webPort\": 0");
        File.SetUnixFileMode(Path.Combine(_folder.Path, "job.key"), PrivateFile.Mode | UnixFileMode.OtherRead);

        var (code, _, error) = await Run("host", "--config", path);

        Assert.Equal(ExitCodes.BadInput, code);
        Assert.Contains($"chmod 600 {Path.Combine(_folder.Path, "job.key")}", OnlyLine(error));
    }

    [Fact]
    public async Task Host_MemoryThatOthersMayEnter_IsOneLineWithTheFix()
    {
        var root = Directory.CreateDirectory(Path.Combine(_folder.Path, "memory"), (UnixFileMode)0x1FF).FullName;

        var (code, _, error) = await Run("host", "--config", WriteHost(FreeHost()));

        Assert.Equal(ExitCodes.BadInput, code);
        Assert.StartsWith($"gemini: memoryRoot: {root} has mode 0", OnlyLine(error));
        Assert.EndsWith($"chmod 700 {root}", OnlyLine(error));
    }

    [Theory]
    [InlineData("rank-00000.slot-1")]
    [InlineData("trainer-0.lock")]
    [InlineData("silo.sock")]
    public async Task Host_LinkInItsMemory_IsOneLineWithTheFix(string name)
    {
        foreach (var level in (string[])["memory", "memory/j", "memory/j/a"]) Directory.CreateDirectory(Path.Combine(_folder.Path, level), PrivateFolder.Mode);
        var link = Path.Combine(_folder.Path, "memory/j/a", name);
        File.CreateSymbolicLink(link, _folder.Write("victim", ""));

        var (code, _, error) = await Run("host", "--config", WriteHost(FreeHost()));

        Assert.Equal(ExitCodes.BadInput, code);
        Assert.StartsWith($"gemini: memoryRoot: {link} is a symbolic link", OnlyLine(error));
    }

    [Fact]
    public async Task Host_NoRedis_SaysSoWithoutThePassword()
    {
        var redis = TestPorts.Next();
        var path = WriteHost(FreeHost(), $"127.0.0.1:{redis},password=swordfish");

        var (code, _, error) = await Run("host", "--config", path);

        Assert.Equal(ExitCodes.BadInput, code);
        Assert.Contains($"redis 127.0.0.1:{redis} cannot be reached", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.DoesNotContain("swordfish", error);
    }

    [Fact]
    public async Task Host_PrintConfig_SaysWhatIsInForceAndWhoSaysSo_WithoutThePassword()
    {
        var path = WriteHost("\"webPort\": 0", "127.0.0.1:1,password=swordfish");

        var (code, output, error) = await Run("host", "--config", path, "--name", "b", "--set", "advanced.scrub.periodSeconds=60.5", "--print-config");

        Assert.Equal((ExitCodes.Success, ""), (code, error));
        var rows = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(
            [
                ["host.name", "command line", "\"b\""], ["host.address", "default", "\"127.0.0.1\""], ["host.webPort", "file", "0"],
                ["redis", "file", "\"127.0.0.1:1,password=***\""], ["storage", "default", "null"], ["advanced.scrub.periodSeconds", "command line", "60.5"],
            ],
            rows.Select(row => row.Select(word => word.Trim()).ToArray())
                .Where(row => row[0] is "host.name" or "host.address" or "host.webPort" or "redis" or "storage" or "advanced.scrub.periodSeconds"));
        Assert.DoesNotContain("swordfish", output);
    }

    [Fact]
    public async Task Host_PrintConfigAsJson_IsAnObjectALine()
    {
        var path = WriteHost("\"webPort\": 0");

        var (code, output, error) = await Run("host", "--config", path, "--address", "10.0.0.5", "--print-config", "--json");

        Assert.Equal((ExitCodes.Success, ""), (code, error));
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("""{"property":"host.address","value":"10.0.0.5","origin":"command line","name":"--address"}""", lines);
        Assert.Contains($$"""{"property":"job.hosts","value":["a"],"origin":"file","name":"{{path}}"}""", lines);
        Assert.Contains("""{"property":"job.replicas","value":1,"origin":"file","name":""" + $"\"{path}\"}}", lines);
        Assert.Contains("""{"property":"machines","value":null,"origin":"default","name":null}""", lines);
    }

    [Fact]
    public async Task Chart_Report_WritesThePicture()
    {
        var report = Path.Combine(_folder.Path, "r.json");
        var picture = Path.Combine(_folder.Path, "r.svg");
        ReportFile.Write(report, Reports.Sample);

        var (code, output, error) = await Run("chart", report, picture);

        Assert.Equal((ExitCodes.Success, ""), (code, error));
        Assert.Contains(picture, output);
        Assert.StartsWith("<svg", File.ReadAllText(picture));
    }

    private static async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await GeminiCommandLine.RunAsync(arguments, output, error, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }

    private static string OnlyLine(string error) => Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    private static string FreeHost() =>
        $"\"siloPort\": {TestPorts.Next()}, \"gatewayPort\": {TestPorts.Next()}, \"dataPort\": {TestPorts.Next()}, \"webPort\": 0";

    private string WriteHost(string host, string redis = "127.0.0.1:1")
    {
        File.SetUnixFileMode(_folder.Write("job.key", "0123456789abcdef0123456789abcdef"), PrivateFile.Mode);
        return _folder.Write("host.json", $$"""
            {
              "job": { "name": "j", "hosts": ["a"], "replicas": 1 },
              "host": { "name": "a", {{host}} },
              "redis": "{{redis}}",
              "redisWaitSeconds": 0,
              "secretFile": "job.key",
              "memoryRoot": "memory",
              "trainer": { "command": "sh" }
            }
            """);
    }
}
