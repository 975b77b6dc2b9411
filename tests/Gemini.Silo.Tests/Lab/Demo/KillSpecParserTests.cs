using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Lab.Demo;

namespace Gemini.Silo.Tests.Lab.Demo;

public sealed class KillSpecParserTests
{
    [Theory]
    [InlineData("trainer:host-1@12", KillTarget.Trainer, "host-1", 12)]
    [InlineData("host:host-3@40", KillTarget.Host, "host-3", 40)]
    [InlineData("silo:host-0@1", KillTarget.Silo, "host-0", 1)]
    [InlineData("host:host-4@5", KillTarget.Host, "host-4", 5)]
    internal void Parse_Good_IsUnderstood(string text, KillTarget target, string host, long iteration)
    {
        var kill = Assert.Single(KillSpecParser.Parse([text], hosts: 4, standby: 1, iterations: 40));

        Assert.Equal(new KillSpec(target, host, iteration), kill);
        Assert.Equal(text, kill.ToString());
    }

    [Theory]
    [InlineData("", "WHAT:HOST@ITERATION")]
    [InlineData("host-1@12", "WHAT:HOST@ITERATION")]
    [InlineData("trainer:host-1", "WHAT:HOST@ITERATION")]
    [InlineData("trainer:@12", "WHAT:HOST@ITERATION")]
    [InlineData("machine:host-1@12", "WHAT:HOST@ITERATION")]
    [InlineData("trainer:host-1@-3", "WHAT:HOST@ITERATION")]
    [InlineData("trainer:host-1@x", "WHAT:HOST@ITERATION")]
    [InlineData("trainer:host-5@12", "host-0 to host-4")]
    [InlineData("trainer:Host-1@12", "host-0 to host-4")]
    [InlineData("trainer:host-1@0", "1 to 40")]
    [InlineData("trainer:host-1@41", "1 to 40")]
    public void Parse_Bad_IsOneLineWithTheFix(string text, string expected)
    {
        var error = Assert.Throws<BadInputException>(() => KillSpecParser.Parse([text], hosts: 4, standby: 1, iterations: 40));

        Assert.Contains("--kill " + text, error.Message);
        Assert.Contains(expected, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Parse_None_IsNoKill() => Assert.Empty(KillSpecParser.Parse(["none"], 4, 1, 40));

    [Fact]
    public void Parse_NoneAndAnother_IsAnError() =>
        Assert.Throws<BadInputException>(() => KillSpecParser.Parse(["none", "host:host-1@3"], 4, 1, 40));

    [Fact]
    public void Parse_Nothing_IsOneOfEach() =>
        Assert.Equal(["trainer:host-1@12", "host:host-2@24"], KillSpecParser.Parse([], 4, 1, 40).Select(kill => kill.ToString()));

    [Fact]
    public void Defaults_AnySize_ArePossible()
    {
        for (var hosts = 1; hosts <= 8; hosts++)
        {
            for (var iterations = 1; iterations <= 100; iterations++)
            {
                var kills = KillSpecParser.Defaults(hosts, iterations);
                Assert.Equal(kills, KillSpecParser.Parse([.. kills.Select(kill => kill.ToString())], hosts, 0, iterations));
            }
        }
    }
}
