using System.Collections.Immutable;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>The sums that the table keeps equal those of a walk over all hosts.</summary>
public sealed class HostTableTests
{
    private static readonly JobSpec Job = Jobs.Spec(hosts: 3, replicas: 2, ranksPerHost: 2);

    [Fact]
    public void AnyChange_WhatIsKeptIsWhatIsThere()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var table = new HostTable(Job);
            ImmutableArray<HostName?> assignment = [null, null, null];
            for (var sequence = 1; sequence <= 50; sequence++)
            {
                var name = Jobs.Host(random.Next(5));
                var isKnown = table.TryGetValue(name, out var host);
                var before = table.Version;
                switch (random.Next(5))
                {
                    case 0 when isKnown:
                        table.Remove(name);
                        break;
                    case 1 when isKnown:
                        table.ObserveDead(host!, host!.Report.Incarnation, sequence);
                        break;
                    case 2:
                        assignment = assignment.SetItem(random.Next(3), assignment.Contains(name) ? null : name);
                        break;
                    case var _ when isKnown:
                        table.Observe(host!, Report(name, sequence, random), sequence);
                        Assert.NotEqual(before, table.Version);
                        break;
                    default:
                        table.Add(name, new HostView(Report(name, sequence, random), sequence));
                        Assert.NotEqual(before, table.Version);
                        break;
                }

                AssertKept(table, assignment);
            }
        }
    }

    private static void AssertKept(HostTable table, ImmutableArray<HostName?> assignment)
    {
        var known = table.ToDictionary();
        Assert.Equal(known.OrderBy(host => host.Key).Select(host => host.Value), table.Values);
        HostView?[] at = [.. assignment.Select(host => host is { } name ? known.GetValueOrDefault(name) : null)];
        Assert.Equal(at, table.At(assignment));
        Assert.Equal(at.OfType<HostView>(), table.Assigned(assignment));
        Assert.Equal(known.Values.Select(host => (host.Report.Host, host.Report.DataEndpoint)).Order(), table.DataEndpoints.Select(host => (host.Key, host.Value)).Order());
        Assert.Equal(
            Enumerable.Range(0, Job.WorldSize).Select(rank => at[rank / 2]?.Report.Trainers.FirstOrDefault(trainer => trainer.LocalIndex == rank % 2)),
            table.Trainers(assignment));
    }

    private static HostReport Report(HostName host, int sequence, Random random) => new()
    {
        Host = host,
        Incarnation = random.Next(1, 4),
        Sequence = sequence,
        SpecFingerprint = "",
        DataEndpoint = $"{host}:{random.Next(3)}",
        Trainers = [.. Enumerable.Range(0, random.Next(3)).Select(index => new TrainerReport { LocalIndex = index, State = TrainerState.Training, ProcessId = sequence })],
    };
}
