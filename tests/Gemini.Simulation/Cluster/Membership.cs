using System.Collections.Immutable;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Engine;

namespace Gemini.Simulation.Cluster;

/// <summary>
/// The cluster's table of silo processes, in Redis, and the detector that marks them dead. Every silo has its own view of the table, which may be
/// old. A silo that finds itself dead in its view ends itself.
/// </summary>
internal sealed class Membership : Process
{
    private const int DetectorPeriodMilliseconds = 100;

    private readonly World _world;
    private readonly Dictionary<Silo, long> _suspected = [];
    private readonly HashSet<Silo> _processes = [];

    public Membership(World world)
        : base(world.Loop, world.Broke)
    {
        _world = world;
        Launch(DetectAsync);
    }

    /// <summary>Every silo process that ever joined.</summary>
    public ImmutableArray<MemberView> Table { get; private set; } = [];

    public long Version { get; private set; }

    /// <summary>A new process of a machine marks the machine's earlier processes dead.</summary>
    public void Join(Silo silo)
    {
        _processes.Add(silo);
        var others = Table.Select(member => member.Host == silo.Host ? member with { Dead = true } : member);
        Write([.. others, new MemberView(silo.Host, silo.Incarnation, Dead: false)]);
    }

    public void DeclareDead(HostName host, long incarnation)
    {
        _world.Trace("redis", () => $"silo {incarnation} of {host} is declared dead");
        Write([.. Table.Select(member => member.Host == host && member.Incarnation == incarnation ? member with { Dead = true } : member)]);
    }

    /// <summary>A silo that ends in order marks itself dead, if it can reach Redis.</summary>
    public void Leave(Silo silo)
    {
        if (IsMember(silo) && !_world.Record.IsAway && Talk(silo.Machine.Index, _world.RedisNode)) DeclareDead(silo.Host, silo.Incarnation);
    }

    /// <summary>It has joined and is not declared dead.</summary>
    public bool IsMember(Silo silo) => Table.Any(member => member.Host == silo.Host && member.Incarnation == silo.Incarnation && !member.Dead);

    private void Write(ImmutableArray<MemberView> table)
    {
        (Table, Version) = (table, Version + 1);
        var version = Version;
        foreach (var machine in _world.Machines)
        {
            if (machine.Silo is { } silo) _world.Network.Send(_world.RedisNode, machine.Index, () => silo.See(table, version));
        }
    }

    /// <summary>
    /// Peers notice that a silo is gone or silent, at once or only after their probes. A peer that can reach Redis writes the verdict there.
    /// </summary>
    private async Task DetectAsync()
    {
        while (true)
        {
            await Delay(DetectorPeriodMilliseconds);
            if (_world.Record.IsAway) continue;
            foreach (var silo in _processes.ToList()) Judge(silo);
        }
    }

    private void Judge(Silo silo)
    {
        if (!IsMember(silo))
        {
            _processes.Remove(silo);
            _suspected.Remove(silo);
            return;
        }

        var witnesses = _world.Machines
            .Where(machine => machine.Silo is { } other && other != silo && IsMember(other) && Talk(machine.Index, _world.RedisNode)).ToList();
        var unreachable = witnesses.Where(witness => !silo.Alive || !Talk(witness.Index, silo.Machine.Index)).ToList();
        if (unreachable.Count == 0 || unreachable.Count * 2 <= witnesses.Count)
        {
            _suspected.Remove(silo);
            return;
        }

        // A refused connection is a verdict at once. Silence takes the time of the probes.
        var isRefused = !silo.Alive && silo.Machine.IsOn && _world.Dice.Chance(0.7);
        if (_suspected.TryAdd(silo, _world.Now + (isRefused ? _world.Dice.Between(20, 300) : _world.Dice.Between(1000, 5000)))) return;
        if (_suspected[silo] <= _world.Now) DeclareDead(silo.Host, silo.Incarnation);
    }

    private bool Talk(int one, int other) => _world.Network.IsOpen(one, other) && _world.Network.IsOpen(other, one);
}
