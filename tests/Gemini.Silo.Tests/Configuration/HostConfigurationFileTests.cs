using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Tests.Configuration;

public sealed class HostConfigurationFileTests : IDisposable
{
    private const string Minimal = """
        {
          // Comments and trailing commas are welcome.
          "job": { "name": "j", "hosts": ["a", "b", "c"], },
          "host": { "name": "a" },
          "secretFile": "job.key",
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_Minimal_FillsInTheDefaults()
    {
        var configuration = HostConfigurationFile.Load(_folder.Write("host.json", Minimal));

        Assert.Equal(2, configuration.Job.Replicas);
        Assert.Equal(1, configuration.Job.RanksPerHost);
        Assert.Equal("127.0.0.1", configuration.Host.Address);
        Assert.Equal((11111, 30000, 11112, 8080), (configuration.Host.SiloPort, configuration.Host.GatewayPort, configuration.Host.DataPort, configuration.Host.WebPort));
        Assert.Equal("127.0.0.1:6379", configuration.Redis);
        Assert.Equal(HostPaths.DefaultRoot, configuration.MemoryRoot);
        Assert.Equal(TimingProfile.Default, configuration.Timing);
        Assert.Null(configuration.Trainer.Command);
        Assert.Empty(configuration.Trainer.Arguments);
        Assert.False(configuration.StopWhenInputEnds);
    }

    [Fact]
    public void Load_RelativePaths_AreRelativeToTheFile()
    {
        var path = _folder.Write("sub/host.json", Minimal.Replace("\"job.key\"", "\"../job.key\", \"trainer\": { \"command\": \"./train\" }"));

        var configuration = HostConfigurationFile.Load(path);

        Assert.Equal(Path.Combine(_folder.Path, "job.key"), configuration.SecretFile);
        Assert.Equal(Path.Combine(_folder.Path, "sub", "logs"), configuration.Logs);
        Assert.Equal(Path.Combine(_folder.Path, "sub", "train"), configuration.Trainer.Command);
        Assert.Equal(Path.Combine(_folder.Path, "sub"), Path.TrimEndingDirectorySeparator(configuration.Trainer.WorkingDirectory));
    }

    [Fact]
    public void Save_Load_RoundTrips()
    {
        var path = _folder.Write("host.json", Minimal.Replace("\"job.key\"", "\"job.key\", \"timing\": \"fast\", \"redis\": \"h:1\""));
        var configuration = HostConfigurationFile.Load(path);
        var copy = Path.Combine(_folder.Path, "copy.json");

        HostConfigurationFile.Save(configuration, copy);

        Assert.Equivalent(configuration, HostConfigurationFile.Load(copy), strict: true);
        Assert.Equal(TimingProfile.Fast, configuration.Timing);
    }

    [Theory]
    [InlineData("\"replica\": 2", "job", "Unknown property 'job.replica'")]
    [InlineData("\"port\": 2", "host", "Unknown property 'host.port'")]
    [InlineData("\"jobb\": 2", "", "Unknown property 'jobb'")]
    [InlineData("\"timing\": \"slow\"", "", "timing must be \"default\" or \"fast\"")]
    [InlineData("\"replicas\": 1, \"replicas\": 2", "job", "replicas")]
    [InlineData("\"trainer\": null", "", "trainer")]
    [InlineData("\"clusterId\": \"x\"", "", "Unknown property 'clusterId'")]
    [InlineData("\"advanced\": { \"recovery\": { \"health\": {} } }", "", "Unknown property 'advanced.recovery.health'")]
    [InlineData("\"advanced\": { \"recovery\": { \"machines\": null } }", "", "Unknown property 'advanced.recovery.machines'")]
    [InlineData("\"health\": { \"siloGraceSeconds\": 1e300 }", "", "health.siloGraceSeconds: a time is a number of seconds, at most 604800 (a week).")]
    [InlineData("\"health\": { \"siloGrace\": \"00:00:30\" }", "", "Unknown property 'health.siloGrace'")]
    [InlineData("\"advanced\": { \"transfer\": { \"slotWaitSeconds\": \"1 s\" } }", "", "advanced.transfer.slotWaitSeconds: a time is a number of seconds")]
    public void Load_WrongProperty_IsNamed(string property, string section, string expected)
    {
        var json = section.Length == 0
            ? Minimal.Replace("\"secretFile\"", property + ", \"secretFile\"")
            : Minimal.Replace($"\"{section}\": {{", $"\"{section}\": {{ {property},");

        var error = Assert.Throws<BadInputException>(() => HostConfigurationFile.Load(_folder.Write("host.json", json)));

        Assert.Contains(expected, error.Message);
        Assert.Contains("host.json line ", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Read_WithOptions_TakesThemInPlaceOfTheFile()
    {
        var path = _folder.Write("host.json", Minimal);
        var configuration = HostSettings.Read(path, [new("host.name", "c", "--name"), new("host.address", "10.0.0.3", "--address")]).Configuration;

        Assert.Equal(("c", "10.0.0.3"), (configuration.Host.Name, configuration.Host.Address));
        Assert.Equal(["a", "b", "c"], configuration.Job.Hosts);
    }

    [Fact]
    public void Read_WithWrongOption_IsRefusedLikeTheFile() => Assert.Contains(
        "host.json with --address: host.address is \"here\"",
        Assert.Throws<BadInputException>(() => HostSettings.Read(_folder.Write("host.json", Minimal), [new("host.address", "here", "--address")])).Message);

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1:11112")]
    [InlineData("::1", "[::1]:11112")]
    [InlineData("fd00::7", "[fd00::7]:11112")]
    public void EndpointOf_IsTextThatParsesBack(string address, string expected)
    {
        var endpoint = new HostIdentityConfiguration { Address = address }.EndpointOf(11112).ToString();

        Assert.Equal(expected, endpoint);
        Assert.Equal(11112, System.Net.IPEndPoint.Parse(endpoint).Port);
    }

    [Fact]
    public void Load_NoFile_SaysSo() =>
        Assert.Contains("cannot be read", Assert.Throws<BadInputException>(() => HostConfigurationFile.Load(Path.Combine(_folder.Path, "none.json"))).Message);

    [Fact]
    public void ToJobSpec_IsWhatTheFileSays()
    {
        var spec = HostConfigurationFile.Load(_folder.Write("host.json", Minimal)).ToJobSpec();

        Assert.Equal("j", spec.Name);
        Assert.Equal(["a", "b", "c"], spec.Hosts.Select(host => host.Value));
        Assert.Equal(3, spec.WorldSize);
        Assert.Equal(2, spec.Replicas);
    }

    [Theory]
    [InlineData("host-a.json")]
    [InlineData("host-b.json")]
    [InlineData("host-c.json")]
    public void Samples_AreValid(string name)
    {
        var configuration = HostConfigurationFile.Load(Repository.PathOf("deploy/hosts/" + name));

        Assert.Equal(Path.GetFileNameWithoutExtension(name), configuration.Host.Name);
        Assert.Equal(3, configuration.ToJobSpec().HostCount);
    }
}
