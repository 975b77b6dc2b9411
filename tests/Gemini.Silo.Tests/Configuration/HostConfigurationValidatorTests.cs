using Gemini.Silo.Configuration;

namespace Gemini.Silo.Tests.Configuration;

public sealed class HostConfigurationValidatorTests
{
    private static readonly HostConfiguration Sound = new()
    {
        Job = new() { Name = "job", Hosts = ["a", "b"] },
        Host = new() { Name = "a" },
        SecretFile = "/k",
    };

    [Fact]
    public void Validate_Sound_HasNoProblem() => Assert.Empty(HostConfigurationValidator.Validate(Sound));

    [Fact]
    public void Validate_StandbyName_HasNoProblem() =>
        Assert.Empty(HostConfigurationValidator.Validate(Sound with { Host = Sound.Host with { Name = "spare" } }));

    [Fact]
    public void Validate_Empty_NamesEveryMissingProperty()
    {
        var problems = HostConfigurationValidator.Validate(new HostConfiguration());

        foreach (var property in (string[])["job.name", "host.name", "job.hosts", "secretFile"])
            Assert.Single(problems, problem => problem.StartsWith(property, StringComparison.Ordinal));
        Assert.Equal(4, problems.Count);
    }

    public static TheoryData<HostConfiguration, string[]> Broken => new()
    {
        { Sound with { Job = Sound.Job with { Replicas = 3 } }, ["job.replicas", "is 3", "only 2 hosts", "at most 2"] },
        { Sound with { Job = Sound.Job with { Replicas = 0 } }, ["job.replicas", "is 0", "at least 1"] },
        { Sound with { Job = Sound.Job with { RanksPerHost = 0 } }, ["job.ranksPerHost", "is 0"] },
        { Sound with { Job = Sound.Job with { Hosts = ["a", "a"] } }, ["job.hosts", "\"a\" 2 times", "unique"] },
        { Sound with { Job = Sound.Job with { Name = "a/b" } }, ["job.name", "\"a/b\"", "letters, digits"] },
        { Sound with { Job = Sound.Job with { Name = ".." } }, ["job.name", "\"..\""] },
        { Sound with { Job = Sound.Job with { Hosts = ["a", "b c"] } }, ["job.hosts", "\"b c\""] },
        { Sound with { Host = Sound.Host with { Address = "here" } }, ["host.address", "\"here\"", "IP address"] },
        { Sound with { Host = Sound.Host with { Address = "0.0.0.0" } }, ["host.address", "\"0.0.0.0\"", "one address"] },
        { Sound with { Host = Sound.Host with { SiloPort = 70000 } }, ["host.siloPort", "70000", "1 to 65535"] },
        { Sound with { Host = Sound.Host with { DataPort = 0 } }, ["host.dataPort", "is 0"] },
        { Sound with { Host = Sound.Host with { DataPort = 11111 } }, ["host.siloPort and host.dataPort", "11111"] },
        { Sound with { Redis = "" }, ["redis"] },
        { Sound with { MemoryRoot = "/" + new string('x', 120) }, ["memoryRoot", "socket path", "107"] },
    };

    [Theory]
    [MemberData(nameof(Broken), DisableDiscoveryEnumeration = true)]
    public void Validate_OneBrokenRule_NamesPropertyValueRuleAndFix(HostConfiguration configuration, string[] parts)
    {
        var problem = Assert.Single(HostConfigurationValidator.Validate(configuration));

        foreach (var part in parts) Assert.Contains(part, problem);
    }

    [Fact]
    public void Validate_WebPortZero_MeansNone() =>
        Assert.Empty(HostConfigurationValidator.Validate(Sound with { Host = Sound.Host with { WebPort = 0 } }));
}
