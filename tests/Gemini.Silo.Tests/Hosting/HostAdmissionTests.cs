using Gemini.Silo.Configuration;
using Gemini.Silo.Hosting;

namespace Gemini.Silo.Tests.Hosting;

/// <summary>The message to a host with another specification, and the properties that may change.</summary>
public sealed class HostAdmissionTests
{
    private static readonly HostConfiguration Right = new()
    {
        Job = new() { Name = "job", Hosts = ["a", "b"], Replicas = 2 },
        Host = new() { Name = "a" },
        Trainer = new() { Command = "/opt/loop", Arguments = ["--seed", "1", "--iterations", "100"] },
    };

    [Fact]
    public void Refusal_NamesExactlyWhatDiffersBothValuesAndTheFix()
    {
        var odd = Right with
        {
            Job = Right.Job with { Replicas = 1, Standbys = ["c"] },
            Trainer = Right.Trainer with { Arguments = ["--seed", "2", "--iterations", "100"] },
        };

        var message = HostAdmission.Refusal(odd, Right.ToJobSpec().DifferencesTo(odd.ToJobSpec()));

        Assert.Contains("job.replicas is \"2\" in the job's record and \"1\" in this host's configuration", message);
        Assert.Contains("trainer is \"loop --seed 1\" in the job's record and \"loop --seed 2\" in this host's configuration", message);
        Assert.Contains("gemini respecify --config FILE", message);
        Assert.DoesNotContain("job.standbys", message);
        Assert.DoesNotContain("job.hosts", message);
        Assert.DoesNotContain("storage", message);
    }

    [Theory]
    [InlineData("--seed 1 --iterations 300", true)]
    [InlineData("--seed 1 --iterations=300", true)]
    [InlineData("--seed 1", true)]
    [InlineData("--iterations --seed 1", true)]
    [InlineData("--seed 1 --iterations 100 --batch 2", false)]
    [InlineData("--seed 7 --iterations 100", false)]
    [InlineData("", false)]
    public void Arguments_OfTheTrainer_AreCompared_ExceptThoseThatMayChange(string arguments, bool isSame)
    {
        var other = Right with { Trainer = Right.Trainer with { Arguments = [.. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)] } };

        Assert.Equal(isSame, Right.ToJobSpec().Fingerprint() == other.ToJobSpec().Fingerprint());
    }

    [Fact]
    public void Arguments_NotCompared_AreNotInTheSpecification()
    {
        var free = Right with { Trainer = Right.Trainer with { CompareArguments = false } };

        Assert.Equal("", free.ToJobSpec().Trainer);
        Assert.Equal("", Assert.Single(Right.ToJobSpec().DifferencesTo(free.ToJobSpec())).There);
    }

    [Fact]
    public void Respecify_OtherNumbersOfHosts_IsRefused_OtherOrderAndReplicasAreNot()
    {
        var recorded = Right.ToJobSpec();
        var more = Right with { Job = Right.Job with { Hosts = ["a", "b", "c"] } };
        var other = Right with { Job = Right.Job with { Hosts = ["b", "a"], Replicas = 1 } };

        Assert.Contains("2 hosts and 2 ranks, and the configuration has 3 and 3", Respecification.Refusal(recorded, more.ToJobSpec()));
        Assert.Null(Respecification.Refusal(recorded, other.ToJobSpec()));
    }
}
