using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;

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
    public void Storage_LeftAlone_IsThePapersStrawman_AndAllHostsMustAgreeOnIt()
    {
        var stored = Sound with { Storage = new() { Directory = "/s" } };
        Assert.Empty(HostConfigurationValidator.Validate(stored));
        Assert.Equal(StoragePolicy.Strawman, stored.ToJobSpec().Storage);
        var elsewhere = stored with { Storage = stored.Storage with { Directory = "/mnt/s" } };
        Assert.Equal(stored.ToJobSpec().Fingerprint(), elsewhere.ToJobSpec().Fingerprint());
        Assert.NotEqual(Sound.ToJobSpec().Fingerprint(), stored.ToJobSpec().Fingerprint());
        Assert.Equal(StoragePolicy.HighFreq, (stored with { Storage = stored.Storage with { EverySeconds = 0 } }).ToJobSpec().Storage);
    }

    private static readonly HostConfiguration Labelled = Sound with
    {
        Job = Sound.Job with { Domains = ["rack"], Labels = Labels(("a", "rack", "r1"), ("b", "rack", "r2"), ("spare", "rack", "r3")) },
    };

    [Fact]
    public void Placement_LabelsAndDomains_AreInTheSpecificationAllHostsAgreeOn()
    {
        Assert.Empty(HostConfigurationValidator.Validate(Labelled));
        var spec = Labelled.ToJobSpec();
        Assert.Equal((ReplicaPlacement.Mixed, "rack"), (spec.Placement, Assert.Single(spec.Domains)));
        Assert.Equal(["a:rack=r1", "b:rack=r2", "spare:rack=r3"], spec.Labels.Select(label => label.ToString()));
        var moved = Labelled with { Job = Labelled.Job with { Labels = Labels(("a", "rack", "r1"), ("b", "rack", "r1"), ("spare", "rack", "r3")) } };
        Assert.NotEqual(spec.Fingerprint(), moved.ToJobSpec().Fingerprint());
        Assert.Equal(ReplicaPlacement.Ring, (Sound with { Job = Sound.Job with { Placement = "ring" } }).ToJobSpec().Placement);
    }

    [Fact]
    public void Placement_AStandbyMaySayWhereItStands()
    {
        var standby = Sound with { Host = Sound.Host with { Name = "spare", Labels = Labels(("spare", "rack", "r3"))["spare"] } };
        Assert.Empty(HostConfigurationValidator.Validate(standby));
        Assert.Equal("spare:rack=r3", Assert.Single(standby.OwnLabels()).ToString());
        Assert.Equal(Sound.ToJobSpec().Fingerprint(), standby.ToJobSpec().Fingerprint());
    }

    [Fact]
    public void Placement_Broken_NamesTheFix()
    {
        void Refuses(HostConfiguration configuration, string expected) =>
            Assert.Contains(expected, Assert.Single(HostConfigurationValidator.Validate(configuration)));

        Refuses(Sound with { Job = Sound.Job with { Placement = "star" } }, "job.placement is \"star\"");
        Refuses(
            Sound with { Job = Sound.Job with { Hosts = ["a", "b", "c", "d", "e"], Placement = "group" } },
            "job.placement is \"group\", but 5 hosts are no multiple of 2 replicas; use \"mixed\", or 4 or 6 hosts");
        Refuses(Labelled with { Job = Labelled.Job with { Domains = ["power"] } }, "job.domains names \"power\", but no host that trains has such a label");
        Refuses(Labelled with { Job = Labelled.Job with { Domains = ["rack", "rack"] } }, "job.domains names \"rack\" 2 times");
        Refuses(Labelled with { Job = Labelled.Job with { Labels = Labels(("a", "rack", "r 1")) } }, "job.labels.a has \"rack\": \"r 1\"");
        Refuses(Sound with { Host = Sound.Host with { Labels = Labels(("a", "rack", "r1"))["a"] } }, "move it to job.labels");
        Refuses(
            Labelled with { Host = Labelled.Host with { Name = "spare", Labels = Labels(("a", "rack", "r1"))["a"] } }, "job.labels has spare too");
    }

    private static ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, string>> Labels(params (string Host, string Name, string Value)[] labels) =>
        labels.ToImmutableSortedDictionary(label => label.Host, label => ImmutableSortedDictionary<string, string>.Empty.Add(label.Name, label.Value));

    [Fact]
    public void CheckpointMode_IsPartOfWhatAllHostsAgreeOn()
    {
        var stored = Sound with { Storage = new() { Directory = "/s", EveryIterations = 7 } };
        var strawman = stored with { Job = stored.Job with { CheckpointMode = CheckpointMode.Strawman } };
        Assert.Equal((CheckpointMode.Strawman, 7), (strawman.ToJobSpec().Mode, strawman.ToJobSpec().Storage!.EveryIterations));
        Assert.NotEqual(stored.ToJobSpec().Fingerprint(), strawman.ToJobSpec().Fingerprint());
    }

    /// <summary>All ranks leave out the same saves.</summary>
    [Fact]
    public void BaselineInterval_IsPartOfWhatAllHostsAgreeOn()
    {
        var job = Sound.Job with { CheckpointMode = CheckpointMode.Gemini };
        var (one, other) = ((Sound with { Job = job }).ToJobSpec(), (Sound with { Job = job with { BaselineInterval = 100 } }).ToJobSpec());
        Assert.Equal((50, 100), (one.BaselineInterval, other.BaselineInterval));
        Assert.NotEqual(one.Fingerprint(), other.Fingerprint());
        Assert.Equal("job.baselineInterval", Assert.Single(one.DifferencesTo(other)).Property);
    }

    /// <summary>So such a job has the fingerprint of earlier versions, whatever is configured.</summary>
    [Theory]
    [InlineData(CheckpointMode.Marked)]
    [InlineData(CheckpointMode.Blocking)]
    public void BaselineInterval_ModeThatWaitsForNoSpan_IsNone(CheckpointMode mode) =>
        Assert.Equal(0, (Sound with { Job = Sound.Job with { CheckpointMode = mode } }).ToJobSpec().BaselineInterval);

    [Theory]
    [InlineData(0, true)]
    [InlineData(10, true)]
    [InlineData(1_000_000, true)]
    [InlineData(9, false)]
    [InlineData(-1, false)]
    [InlineData(1_000_001, false)]
    public void BaselineInterval_HasARange(int interval, bool isSound)
    {
        var problems = HostConfigurationValidator.Validate(Sound with { Job = Sound.Job with { BaselineInterval = interval } });
        Assert.Equal(isSound, problems.Count == 0);
        Assert.All(problems, problem => Assert.StartsWith($"job.baselineInterval is {interval}, but", problem, StringComparison.Ordinal));
    }

    [Fact]
    public void CheckpointMode_HighFreq_StoresAsOftenAsPossibleWhateverIsConfigured()
    {
        var stored = Sound with { Storage = new() { Directory = "/s", EveryIterations = 7, Keep = 3 }, Job = Sound.Job with { CheckpointMode = CheckpointMode.HighFreq } };
        Assert.Equal(StoragePolicy.HighFreq with { Keep = 3 }, stored.ToJobSpec().Storage);
    }

    [Theory]
    [InlineData(CheckpointMode.Strawman)]
    [InlineData(CheckpointMode.HighFreq)]
    public void CheckpointMode_RecoversFromStorage_NeedsStorage(CheckpointMode mode) =>
        Assert.StartsWith(
            $"job.checkpointMode is {mode}, which recovers from storage alone; add \"storage\"",
            Assert.Single(HostConfigurationValidator.Validate(Sound with { Job = Sound.Job with { CheckpointMode = mode } })),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("20000", "trainer.ports is \"20000\", but must be a range")]
    [InlineData("20000-20002", "trainer.ports is \"20000-20002\", 3 ports, but each trainer and each spare of this host takes two; use at least 4")]
    public void Ports_NoRangeOrTooFew_IsNamed(string ports, string expected) => Assert.StartsWith(
        expected,
        Assert.Single(HostConfigurationValidator.Validate(Sound with { Trainer = Sound.Trainer with { Ports = ports, Spares = 1 } })),
        StringComparison.Ordinal);

    [Fact]
    public void Ports_Enough_IsSound() =>
        Assert.Empty(HostConfigurationValidator.Validate(Sound with { Trainer = Sound.Trainer with { Ports = "20000-20003", Spares = 1 } }));

    [Theory]
    [InlineData(0, true)]
    [InlineData(4, true)]
    [InlineData(-1, false)]
    [InlineData(5, false)]
    public void Spares_OutOfRange_IsNamed(int spares, bool isSound)
    {
        var problems = HostConfigurationValidator.Validate(Sound with { Trainer = Sound.Trainer with { Spares = spares } });
        if (isSound) Assert.Empty(problems);
        else Assert.StartsWith($"trainer.spares is {spares}", Assert.Single(problems), StringComparison.Ordinal);
    }

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
        { Sound with { Host = Sound.Host with { CheckpointAddress = "eth1" } }, ["host.checkpointAddress", "\"eth1\"", "IP address"] },
        { Sound with { Host = Sound.Host with { CheckpointAddress = "::" } }, ["host.checkpointAddress", "\"::\"", "one address"] },
        { Sound with { Host = Sound.Host with { SiloPort = 70000 } }, ["host.siloPort", "70000", "1 to 65535"] },
        { Sound with { Host = Sound.Host with { DataPort = 0 } }, ["host.dataPort", "is 0"] },
        { Sound with { Host = Sound.Host with { DataPort = 11111 } }, ["host.siloPort and host.dataPort", "11111"] },
        { Sound with { Redis = "" }, ["redis"] },
        { Sound with { Job = Sound.Job with { Standbys = ["c d"] } }, ["job.standbys", "\"c d\""] },
        { Sound with { Job = Sound.Job with { Standbys = ["b"] } }, ["job.standbys", "\"b\"", "unique"] },
        { Sound with { Job = Sound.Job with { Standbys = ["c", "c"] } }, ["job.standbys", "\"c\"", "unique"] },
        { Sound with { Machines = new() }, ["machines", "0 operators", "\"kubernetes\""] },
        { Sound with { Machines = new() { Process = new(), Kubernetes = new() } }, ["machines", "2 operators"] },
        { Sound with { Machines = new() { Process = new() { Configurations = "" } } }, ["machines.process.configurations"] },
        { Sound with { Machines = new() { Command = new() } }, ["machines.command.run", "empty"] },
        { Sound with { Machines = new() { Kubernetes = new() { Pod = "p" } } }, ["machines.kubernetes.pod", "\"p\"", "{host}"] },
        { Sound with { Machines = new() { Process = new(), AfterSeconds = -1 } }, ["machines.afterSeconds", "is -1"] },
        { Sound with { Machines = new() { Process = new(), LimitSeconds = 0 } }, ["machines.limitSeconds", "above 0"] },
        { Sound with { Machines = new() { Process = new(), PauseSeconds = 9, LongestPauseSeconds = 3 } }, ["machines.longestPauseSeconds", "at least pauseSeconds, 9"] },
        { Sound with { DrillSocket = "/d" }, ["drillSocket", "\"/d\"", "remove drillSocket"] },
        { Sound with { Storage = new() }, ["storage.directory", "missing"] },
        { Sound with { Storage = new() { Directory = "/s", EverySeconds = -1 } }, ["storage.everySeconds", "is -1"] },
        { Sound with { Storage = new() { Directory = "/s", EveryIterations = 0 } }, ["storage.everyIterations", "is 0"] },
        { Sound with { Storage = new() { Directory = "/s", EverySeconds = 60, EveryIterations = 10 } }, ["only one can decide"] },
        { Sound with { Storage = new() { Directory = "/s", Keep = 0 } }, ["storage.keep", "is 0"] },
        { Sound with { Health = new() { StuckMultiple = 1 } }, ["health.stuckMultiple", "is 1", "such as 5"] },
        { Sound with { Health = new() { StuckMultiple = double.NaN } }, ["health.stuckMultiple", "NaN"] },
        { Sound with { Health = new() { StuckFloor = TimeSpan.Zero } }, ["health.stuckFloorSeconds", "is 0", "such as 10"] },
        { Sound with { Health = new() { LoadLimit = TimeSpan.FromSeconds(9) } }, ["health.loadLimitSeconds", "is 9", "at least", "10"] },
        { Sound with { Health = new() { SiloGrace = TimeSpan.FromSeconds(-1) } }, ["health.siloGraceSeconds", "is -1", "such as 30"] },
        { Sound with { Health = new() { SiloGrace = TimeSpan.FromDays(8) } }, ["health.siloGraceSeconds", "such as 30"] },
        { Sound with { Health = new() { StartLimit = TimeSpan.Zero } }, ["health.startLimitSeconds", "is 0", "such as 120"] },
        { Sound with { Health = new() { ProblemGrace = TimeSpan.Zero } }, ["health.problemGraceSeconds", "such as 10"] },
        { Sound with { Health = new() { LostPeerGrace = TimeSpan.Zero } }, ["health.lostPeerGraceSeconds is 0", "above 0", "such as 1"] },
        { Sound with { Health = new() { FormingLimit = TimeSpan.Zero } }, ["health.formingLimitSeconds", "above 0"] },
        { Sound with { Health = new() { RestartGrace = TimeSpan.FromSeconds(-1) } }, ["health.restartGraceSeconds is -1", "from 0 to a week"] },
        { Sound with { Health = new() { StopLimit = TimeSpan.FromSeconds(9) } }, ["health.stopLimitSeconds is 9", "10 together", "at least that"] },
        { Sound with { Health = new() { CopyRateFloorBytesPerSecond = 0 } }, ["health.copyRateFloorBytesPerSecond is 0", "such as 100000000"] },
        { Sound with { Health = new() { StorageRateFloorBytesPerSecond = double.NaN } }, ["health.storageRateFloorBytesPerSecond is NaN"] },
        { Sound with { Health = new() { StepSlack = TimeSpan.Zero } }, ["health.stepSlackSeconds", "above 0"] },
        { Sound with { Health = new() { StepCeiling = TimeSpan.FromSeconds(129) } }, ["health.stepCeilingSeconds is 129", "up to 130", "at least that"] },
        { Sound with { Health = new() { CommitFloor = TimeSpan.FromSeconds(3) } }, ["health.commitFloorSeconds is 3", "stuckSnapshotLimitSeconds, 3", "such as 30"] },
        { Sound with { Health = new() { CommitMultiple = 2 } }, ["health.commitMultiple is 2", "such as 10"] },
        { Sound with { Health = new() { CulpritAttempts = 1 } }, ["health.culpritAttempts is 1", "2 or more"] },
        { Sound with { Health = new() { AttemptPauseLimit = TimeSpan.FromSeconds(-1) } }, ["health.attemptPauseLimitSeconds", "from 0"] },
        { Sound with { Health = new() { SetbackPause = TimeSpan.Zero } }, ["health.setbackPauseSeconds", "above 0"] },
        { Sound with { Health = new() { SetbackPauseLimit = TimeSpan.FromSeconds(29) } }, ["health.setbackPauseLimitSeconds is 29", "setbackPauseSeconds, 30"] },
        { Sound with { Advanced = new() { Recovery = new() { StuckSnapshotLimit = TimeSpan.Zero } } }, ["advanced.recovery.stuckSnapshotLimitSeconds"] },
        { Sound with { Advanced = new() { Recovery = new() { RetainedRecoveries = 0, RetainedRecoveryDetails = 0 } } }, ["advanced.recovery.retainedRecoveries is 0"] },
        { Sound with { Advanced = new() { Recovery = new() { RetainedRecoveryDetails = 101 } } }, ["advanced.recovery.retainedRecoveryDetails is 101", "to retainedRecoveries, 100"] },
        { Sound with { Advanced = new() { Memory = new() { LimitBytes = 0 } } }, ["advanced.memory.limitBytes is 0", "above 0", "leave it out"] },
        { Sound with { Advanced = new() { Scrub = new() { BytesPerSecond = 0 } } }, ["advanced.scrub.bytesPerSecond is 0", "such as 268435456"] },
        { Sound with { Advanced = new() { Scrub = new() { IdleAge = TimeSpan.FromSeconds(-1) } } }, ["advanced.scrub.idleAgeSeconds is -1"] },
        { Sound with { Advanced = new() { Storage = new() { RetryMax = TimeSpan.FromSeconds(0.5) } } }, ["advanced.storage.retryMaxSeconds is 0.5", "retryMinSeconds, 1"] },
        { Sound with { Advanced = new() { Trainer = new() { KillLimit = TimeSpan.Zero } } }, ["advanced.trainer.killLimitSeconds is 0", "such as 5"] },
        { Sound with { Advanced = new() { Trainer = new() { SpareHeadroomBytes = -1 } } }, ["advanced.trainer.spareHeadroomBytes is -1"] },
        { Sound with { Advanced = new() { Trainer = new() { StopLimit = TimeSpan.FromSeconds(6) } } }, ["health.stopLimitSeconds is 10", "11 together"] },
        { Sound with { Advanced = new() { Trainer = new() { Restart = new() { FailedStartLimit = 0 } } } }, ["advanced.trainer.restart.failedStartLimit is 0", "such as 3"] },
        { Sound with { Advanced = new() { Trainer = new() { Restart = new() { PauseMax = TimeSpan.Zero } } } }, ["advanced.trainer.restart.pauseMaxSeconds", "pauseMinSeconds, 1"] },
        { Sound with { RedisWaitSeconds = -1 }, ["redisWaitSeconds", "is -1", "such as 120"] },
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
