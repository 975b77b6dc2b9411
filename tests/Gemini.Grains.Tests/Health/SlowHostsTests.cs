using Gemini.Grains.Health;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Health;

public sealed class SlowHostsTests
{
    private static readonly HostName[] Hosts = [new("h0"), new("h1"), new("h2"), new("h3")];

    private readonly SlowHosts _slow = new();
    private int _iteration;

    [Fact]
    public void Describe_OneWorksLongerThanTwiceTheMedian_IsNamedWithItsFactor()
    {
        Run(times: 7, 100, 104, 235, 98);
        Assert.Equal("h2, 2.4x the median", _slow.Describe(Hosts));
    }

    [Fact]
    public void Describe_OneSlowIteration_IsNone()
    {
        Run(times: 6, 100, 100, 100, 100);
        Run(times: 1, 100, 100, 900, 100);
        Assert.Null(_slow.Describe(Hosts));
    }

    [Fact]
    public void Describe_AHostThatBecameSlow_IsNamedAfterSomeIterations_AndNotWhenItIsWellAgain()
    {
        Run(times: 20, 100, 100, 100, 100);
        Run(times: 3, 100, 100, 100, 300);
        Assert.Null(_slow.Describe(Hosts));
        Run(times: 1, 100, 100, 100, 300);
        Assert.Equal("h3, 3.0x the median", _slow.Describe(Hosts));
        Run(times: 4, 100, 100, 100, 100);
        Assert.Null(_slow.Describe(Hosts));
    }

    [Fact]
    public void Describe_OfTwoHosts_OneCanBeSlow()
    {
        Run(times: 7, 100, 250);
        Assert.Equal("h1, 2.5x the median", _slow.Describe(Hosts));
    }

    [Fact]
    public void Describe_FewMilliseconds_AreNoise()
    {
        Run(times: 7, 1, 1, 5, 1);
        Assert.Null(_slow.Describe(Hosts));
    }

    [Fact]
    public void Describe_TrainersThatDoNotSay_OrHostsThatAreNotAsked_AreNone()
    {
        Run(times: 7, 0, 0, 0, 0);
        Assert.Null(_slow.Describe(Hosts));
        Run(times: 7, 100, 100, 300, 100);
        Assert.Null(_slow.Describe([Hosts[0], Hosts[1]]));
    }

    [Fact]
    public void Observe_TheSameReportAgain_CountsOnce()
    {
        for (var time = 0; time < 20; time++) _slow.Observe(Report(Hosts[0], iteration: 1, 900), new Epoch(1));
        Run(times: 7, 0, 100, 100, 100);
        Assert.Null(_slow.Describe(Hosts));
    }

    private void Run(int times, params double[] busy)
    {
        for (var time = 0; time < times; time++)
        {
            _iteration++;
            for (var host = 0; host < busy.Length; host++) _slow.Observe(Report(Hosts[host], _iteration, busy[host]), new Epoch(1));
        }
    }

    private static HostReport Report(HostName host, int iteration, double busy) => new()
    {
        Host = host,
        Incarnation = 1,
        Sequence = iteration,
        SpecFingerprint = "",
        DataEndpoint = "",
        Trainers = [new TrainerReport { LocalIndex = 0, State = TrainerState.Training, Epoch = new Epoch(1), Iteration = new Iteration(iteration), BusyMilliseconds = busy }],
    };
}
