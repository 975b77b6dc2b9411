using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Tests.Configuration;

public sealed class MachinesConfigurationTests
{
    [Theory]
    [InlineData("\"process\": {}", 1)]
    [InlineData("\"command\": { \"run\": [\"./r.sh\", \"a/b\"] }", 5)]
    [InlineData("\"kubernetes\": { \"namespace\": \"n\" }", 30)]
    [InlineData("\"process\": {}, \"afterSeconds\": 0", 0)]
    [InlineData("\"command\": { \"run\": [\"replace\"] }, \"afterSeconds\": 2.5", 2.5)]
    public void Load_EachOperator_HasAGraceOfItsOwn(string section, double seconds)
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(TimeSpan.FromSeconds(seconds), Load(folder, section).ToOptions().ReturnGrace);
    }

    [Fact]
    public void Load_PathsAreRelativeToTheFile_BareNamesAndArgumentsAreLeftAlone()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(folder.Path, Load(folder, "\"process\": {}").Process!.Configurations);
        Assert.Equal([Path.Combine(folder.Path, "r.sh"), "a/b"], Load(folder, "\"command\": { \"run\": [\"./r.sh\", \"a/b\"] }").Command!.Run);
        Assert.Equal(["replace"], Load(folder, "\"command\": { \"run\": [\"replace\"] }").Command!.Run);
        Assert.Equal(Path.Combine(folder.Path, "k"), Load(folder, "\"kubernetes\": { \"kubeconfig\": \"k\" }").Kubernetes!.Kubeconfig);
    }

    [Fact]
    public void StandbysAndTheOperator_AreNoReasonToRefuseAHost()
    {
        var one = new HostConfiguration { Job = new() { Name = "j", Hosts = ["a"], Standbys = ["b"] } };
        Assert.Equal([new HostName("b")], one.ToJobSpec().Standbys);
        Assert.Equal(one.ToJobSpec().Fingerprint(), (one with { Machines = new() { Process = new() } }).ToJobSpec().Fingerprint());
        var none = one with { Job = one.Job with { Standbys = [] } };
        Assert.Equal(one.ToJobSpec().Fingerprint(), none.ToJobSpec().Fingerprint());
        var difference = Assert.Single(one.ToJobSpec().DifferencesTo(none.ToJobSpec()));
        Assert.Equal(("job.standbys", false), (difference.Property, difference.MustAgree));
    }

    [Fact]
    public void Pod_OfAHost() => Assert.Equal("gemini-host-b-x", new KubernetesMachinesConfiguration { Pod = "gemini-{host}-x" }.PodOf("host-b"));

    private static MachinesConfiguration Load(TemporaryFolder folder, string section) => HostConfigurationFile.Load(folder.Write(
        "a.json", $$"""{ "job": { "name": "j", "hosts": ["a", "b"] }, "host": { "name": "a" }, "secretFile": "k", "machines": { {{section}} } }""")).Machines!;
}
