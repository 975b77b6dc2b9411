using System.Text.Json.Nodes;
using Gemini.Silo.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;

namespace Gemini.Silo.Tests.Configuration;

/// <summary>Default, file, environment, command line: the last of these that sets a property counts.</summary>
public sealed class HostSettingsTests : IDisposable
{
    private const string Minimal = """
        {
          "job": { "name": "j", "hosts": ["a", /* no comment is lost */ "b", "c"], },
          "host": { "name": "a", "siloPort": 1000 },
          "redis": "h:1,password=swordfish,ssl=true",
          "secretFile": "job.key",
          "machines": { "process": {} },
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_EachLayerReplacesTheOneBefore()
    {
        var settings = Read(
            Environment(("host:name", "b"), ("HOST:SILOPORT", "2000"), ("host:dataPort", "2001")), Set("host.name", "c"), Set("host:dataPort", "3001"));

        var host = settings.Configuration.Host;
        Assert.Equal(("c", 2000, 3001, 30000), (host.Name, host.SiloPort, host.DataPort, host.GatewayPort));
        Assert.Equal(
            [
                ("host.name", SettingOrigin.CommandLine, "--set host.name"),
                ("host.address", SettingOrigin.Default, null),
                ("host.checkpointAddress", SettingOrigin.Default, null),
                ("host.siloPort", SettingOrigin.Environment, "GEMINI__HOST__SILOPORT"),
                ("host.gatewayPort", SettingOrigin.Default, null),
                ("host.remoteClients", SettingOrigin.Default, null),
                ("host.dataPort", SettingOrigin.CommandLine, "--set host:dataPort"),
                ("host.webPort", SettingOrigin.Default, null),
                ("host.labels", SettingOrigin.Default, null),
                ("redis", SettingOrigin.File, Path.Combine(_folder.Path, "host.json")),
            ],
            settings.All().SkipWhile(setting => setting.Property != "host.name").Take(10).Select(setting => (setting.Property, setting.Origin, setting.Name)));
    }

    [Fact]
    public void Read_NothingBesideTheFile_IsWhatTheFileSays()
    {
        var configuration = Read(Environment()).Configuration;

        Assert.Equal(["a", "b", "c"], configuration.Job.Hosts);
        Assert.Equal((1000, "h:1,password=swordfish,ssl=true"), (configuration.Host.SiloPort, configuration.Redis));
        Assert.Equal((true, false), (configuration.Machines?.Process is not null, configuration.Machines?.Command is not null));
        Assert.Null(configuration.Storage);
    }

    [Fact]
    public void Read_ListsAndMaps_AreReplacedAsAWhole()
    {
        var configuration = Read(
            Environment(("job:hosts", """["a", "d"]"""), ("trainer:ignoredArguments", "[]"), ("job:labels", """{"a": {"rack": "1"}}""")),
            Set("trainer.arguments", """["--model", "x=y"]""")).Configuration;

        Assert.Equal(["a", "d"], configuration.Job.Hosts);
        Assert.Empty(configuration.Trainer.IgnoredArguments);
        Assert.Equal(["--model", "x=y"], configuration.Trainer.Arguments);
        Assert.Equal("1", configuration.Job.Labels["a"]["rack"]);
    }

    [Fact]
    public void Read_ValuesOfEachKind()
    {
        var configuration = Read(Environment(
            ("storage:directory", "sub/store"), ("jsonLogs", "True"), ("timing", "fast"), ("redisWaitSeconds", "1.5"),
            ("health:siloGraceSeconds", "45"), ("advanced:trainer:restart:failedStartLimit", "9"), ("advanced:memory:limitBytes", "5000000000"))).Configuration;

        Assert.Equal(Path.Combine(_folder.Path, "sub/store"), configuration.Storage!.Directory);
        Assert.Equal((true, TimingProfile.Fast, 1.5), (configuration.JsonLogs, configuration.Timing, configuration.RedisWaitSeconds));
        Assert.Equal(TimeSpan.FromSeconds(45), configuration.ToCoordinatorOptions().Health.SiloGrace);
        Assert.Equal(9, configuration.Advanced.Trainer.Restart.FailedStartLimit);
        Assert.Equal(5_000_000_000, configuration.Advanced.Memory.LimitBytes);
    }

    [Theory]
    [InlineData("host:siloPrt", "1", "GEMINI__HOST__SILOPRT is set, but there is no property \"host.siloPrt\"; docs/configuration.md lists them all.")]
    [InlineData("hosts", "1", "GEMINI__HOSTS is set, but there is no property \"hosts\"")]
    [InlineData("job:hosts:0", "a", "GEMINI__JOB__HOSTS__0 is set, but job.hosts is set as a whole. Set GEMINI__JOB__HOSTS to a JSON list, such as [\"a\", \"b\"].")]
    [InlineData("job:labels:a:rack", "1", "job.labels is set as a whole. Set GEMINI__JOB__LABELS to a JSON object")]
    [InlineData("host:siloPort", "x", "GEMINI__HOST__SILOPORT is \"x\", but host.siloPort is a whole number; correct it, or leave it out.")]
    [InlineData("host:siloPort", "", "host.siloPort is a whole number")]
    [InlineData("host:siloPort", "null", "host.siloPort is a whole number")]
    [InlineData("host:siloPort", "1.5", "host.siloPort is a whole number")]
    [InlineData("host", "x", "GEMINI__HOST is \"x\", but host is a section; set its properties")]
    [InlineData("jsonLogs", "yes", "jsonLogs is true or false")]
    [InlineData("timing", "slow", "GEMINI__TIMING is \"slow\", but timing is \"default\" or \"fast\"")]
    [InlineData("job:hosts", "a,b", "job.hosts is a JSON list")]
    [InlineData("health:siloGraceSeconds", "1e300", "health.siloGraceSeconds is a number of seconds, at most a week")]
    [InlineData("health:stuckMultiple", "many", "health.stuckMultiple is a number")]
    [InlineData("job:replicas", "4", "host.json with GEMINI__JOB__REPLICAS: job.replicas is 4, but there are only 3 hosts")]
    public void Read_WrongVariable_IsOneLineThatNamesIt(string key, string value, string expected)
    {
        var message = Assert.Throws<BadInputException>(() => Read(Environment((key, value)))).Message;

        Assert.Contains(expected, message);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("host.siloPrt", "--set host.siloPrt is set, but there is no property \"host.siloPrt\"")]
    [InlineData("job.hosts.0", "job.hosts is set as a whole. Set job.hosts to a JSON list")]
    [InlineData("host.siloPort", "--set host.siloPort is \"x\", but host.siloPort is a whole number")]
    public void Read_WrongOption_IsNamed(string property, string expected) =>
        Assert.Contains(expected, Assert.Throws<BadInputException>(() => Read(Environment(), Set(property, "x"))).Message);

    [Fact]
    public void Read_OnePropertyTwiceOnTheCommandLine_IsRefused() => Assert.Equal(
        "--name and --set HOST.NAME both set HOST.NAME; leave one out.",
        Assert.Throws<BadInputException>(() => Read(Environment(), new CommandLineSetting("host.name", "b", "--name"), Set("HOST.NAME", "c"))).Message);

    [Fact]
    public void RealVariables_AreRead_AndAnotherHostOfThisMachineIsNotToldWhatIsOfThisOne()
    {
        var prefix = $"GEMINI_TEST_{System.Environment.ProcessId}__";
        System.Environment.SetEnvironmentVariable(prefix + "HOST__SILOPORT", "2000");
        System.Environment.SetEnvironmentVariable(prefix + "REDIS", "elsewhere:1");

        var own = Read(new EnvironmentVariablesConfigurationSource { Prefix = prefix }).Configuration;
        var other = Read(HostEnvironment.Shared(prefix)).Configuration;

        Assert.Equal((2000, "elsewhere:1"), (own.Host.SiloPort, own.Redis));
        Assert.Equal((1000, "elsewhere:1"), (other.Host.SiloPort, other.Redis));
    }

    [Fact]
    public void Variables_OfThisHostAlone_AreNotPassedOn()
    {
        Dictionary<string, string?> Variables() => new() { ["GEMINI__HOST__NAME"] = "a", ["gemini__redis"] = "r:1", ["GEMINI_HOST"] = "a", ["PATH"] = "/bin" };
        var (shared, none) = (Variables(), Variables());

        HostEnvironment.RemoveOwn(shared);
        HostEnvironment.RemoveAll(none);

        Assert.Equal(["GEMINI_HOST", "PATH", "gemini__redis"], shared.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["GEMINI_HOST", "PATH"], none.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void All_HasEveryPropertyOnce_AnAbsentSectionAsOneNull_AndNoPassword()
    {
        var all = Read(Environment()).All().ToList();

        string[] absent = ["storage.", "machines.command.", "machines.kubernetes."];
        string[] sections = ["storage", "machines.command", "machines.kubernetes"];
        Assert.Equal(
            ConfigurationProperty.All.Where(property => !property.IsSection || sections.Contains(property.Path))
                .Where(property => !absent.Any(section => property.Path.StartsWith(section, StringComparison.Ordinal))).Select(property => property.Path),
            all.Select(setting => setting.Property));
        Assert.All(all.Where(setting => sections.Contains(setting.Property)), setting => Assert.Null(setting.Value));
        Assert.Equal("h:1,password=***,ssl=true", (string?)all.Single(setting => setting.Property == "redis").Value);
        Assert.Equal(["a", "b", "c"], all.Single(setting => setting.Property == "job.hosts").Value!.AsArray().Select(host => (string?)host));
    }

    /// <summary>The printed settings are complete: a host with the same settings on its command line has the same configuration.</summary>
    [Fact]
    public void All_CanBeReadBack()
    {
        var first = Read(Environment(("storage:directory", "/s"), ("job:labels", """{"a": {"rack": "1"}}"""), ("advanced:transfer:chunkTimeoutSeconds", "7.25")));

        var again = Read(Environment(), [.. first.All().Where(setting => setting.Value is not null).Select(setting => Set(setting.Property, TextOf(setting)))]);

        Assert.Equivalent(first.Configuration with { Redis = "" }, again.Configuration with { Redis = "" }, strict: true);
        Assert.All(again.All().Where(setting => setting.Value is not null), setting => Assert.Equal(SettingOrigin.CommandLine, setting.Origin));
    }

    private static string TextOf(HostSetting setting) =>
        setting.Value is JsonValue value && value.TryGetValue<string>(out var text) ? text : setting.Value!.ToJsonString();

    private static CommandLineSetting Set(string property, string value) => new(property, value, $"--set {property}");

    private static MemoryConfigurationSource Environment(params (string Key, string Value)[] variables) =>
        new() { InitialData = variables.Select(variable => KeyValuePair.Create(variable.Key, (string?)variable.Value)) };

    private HostSettings Read(IConfigurationSource environment, params CommandLineSetting[] commandLine) =>
        HostSettings.Read(_folder.Write("host.json", Minimal), environment, commandLine);
}
