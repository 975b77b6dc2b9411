using Gemini.Grains.Recovery;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Root;

/// <summary>The root agent's work around its decisions.</summary>
public sealed class RootDriverTests
{
    private static readonly DirectiveVersion Halt = new(new Epoch(1), DirectiveStep.Halt);

    private readonly RootBench _root = new();

    [Fact]
    public void LastHostReports_RecordIsWritten_ThenEveryHostIsDirected()
    {
        _root.Start();
        var recorded = new List<Epoch>();
        _root.Agents.Answer = (_, _) =>
        {
            recorded.Add(_root.Records.Record.Epoch);
            return Task.FromException<HostReport>(new TimeoutException());
        };

        _root.ReportAll();

        Assert.Equal(_root.Job.Hosts, _root.Agents.Directives.Select(sent => sent.Host));
        Assert.Equal([new Epoch(1), new Epoch(1)], recorded);
    }

    [Fact]
    public void ReportsComeTogether_AreDecidedOnTogether()
    {
        _root.Start();
        var before = _root.Evaluations;
        _root.Run(() => Task.WhenAll(_root.Job.Hosts.Select(host => _root.Driver.ReportAsync(_root.Report(host)))));
        Assert.Equal(before + 1, _root.Evaluations);
        Assert.Equal(new Epoch(1), _root.Records.Record.Epoch);
    }

    [Fact]
    public void StoreIsAway_NothingIsToldToAnybody_AndThatIsSaidOnce()
    {
        _root.Start();
        _root.Run(() => _root.Driver.ReportAsync(_root.Report(_root.Job.Hosts[0])));
        _root.Records.IsAway = true;

        Assert.Throws<RootUnavailableException>(() => _root.Run(() => _root.Driver.ReportAsync(_root.Report(_root.Job.Hosts[1]))));
        _root.RunFor(1000);
        Assert.Empty(_root.Agents.Directives);
        Assert.Single(_root.Lines, line => line.StartsWith("The root agent cannot decide anything new", StringComparison.Ordinal));

        _root.Records.IsAway = false;
        _root.RunFor(100);
        Assert.Single(_root.Lines, "Decisions are made again");
        HostDirective? answer = null;
        _root.Run(async () => answer = await _root.Driver.ReportAsync(_root.Report(_root.Job.Hosts[0])));
        Assert.Equal(Halt, answer!.Version);
    }

    [Fact]
    public void HostAnswers_WhatItSaysIsTakenIn()
    {
        _root.Start();
        _root.Agents.Answer = async (host, directive) =>
        {
            await Task.Yield();
            return _root.Report(host) with { Done = directive.Version };
        };

        _root.ReportAll();

        Assert.All(_root.Driver.GetStatus().Hosts, host => Assert.True(host.Report.Done >= Halt));
    }

    [Fact]
    public void AnotherWroteTheRecord_TheNextDecisionTellsNobody_AndTheAgentLeaves()
    {
        _root.Start();
        _root.Run(() => _root.Driver.ReportAsync(_root.Report(_root.Job.Hosts[0])));
        _root.Records.Overwrite(new RootRecord { Epoch = new Epoch(7) });

        Assert.Throws<RootUnavailableException>(() => _root.Run(() => _root.Driver.ReportAsync(_root.Report(_root.Job.Hosts[1]))));

        Assert.True(_root.HasLeft);
        Assert.Empty(_root.Agents.Directives);
        Assert.Equal(new Epoch(7), _root.Records.Record.Epoch);
    }

    [Fact]
    public void AnotherWroteTheRecord_NothingIsDecided_TheAgentLeavesWithinASecond()
    {
        _root.Start();
        _root.Records.Overwrite(new RootRecord { Epoch = new Epoch(7) });

        _root.RunFor(1000);

        Assert.True(_root.HasLeft);
    }

    [Fact]
    public void StoreLosesTheRecord_ItIsWrittenAgainWithinASecond_AndTheAgentStays()
    {
        _root.Start();
        _root.ReportAll();
        _root.Records.Lose();

        _root.RunFor(1000);

        Assert.Equal(new Epoch(1), _root.Records.Record.Epoch);
        Assert.False(_root.HasLeft);
    }

    [Fact]
    public void RecordIsOfAnotherSpecification_TheAgentDoesNotComeUp_AndWritesNothing()
    {
        var recorded = new RootRecord { Epoch = new Epoch(3), Spec = Jobs.Spec(hosts: 2, replicas: 1) };
        _root.Records.Overwrite(recorded);

        var error = Assert.Throws<RootUnavailableException>(_root.Start);

        Assert.Contains("does not start on host h0", error.Message, StringComparison.Ordinal);
        Assert.Same(recorded, _root.Records.Record);
    }

    [Fact]
    public void Stopped_NothingGoesOn()
    {
        _root.Start();
        _root.RunFor(5000);
        Assert.Equal(6, _root.Records.Reads);

        _root.Run(_root.Driver.StopAsync, milliseconds: 10);
        var reads = _root.Records.Reads;
        _root.RunFor(5000);

        Assert.Equal(reads, _root.Records.Reads);
    }

    [Fact]
    public void GroupIsSilent_TheCommitRecordNamesItWithinItsLimit()
    {
        _root.Start();
        CommitRecord? record = null;

        _root.Run(async () => record = await _root.Driver.GetCommitRecordAsync(), milliseconds: 999);
        Assert.Null(record);
        _root.RunFor(1);

        Assert.Equal([0], record!.SilentGroups);
    }
}
