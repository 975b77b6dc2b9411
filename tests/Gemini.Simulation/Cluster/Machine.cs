using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster;

/// <summary>
/// A host: its memory, its clock, one silo process at a time, and its training processes. If the silo dies, all else stays. If the machine is lost,
/// all of it is lost.
/// </summary>
internal sealed class Machine
{
    private readonly World _world;
    private long _incarnation;

    public Machine(World world, int index, HostName name)
    {
        (_world, Index, Name) = (world, index, name);
        Memory = new HostMemory(this, world);
        Trainers = new TrainerProcess?[world.Job.RanksPerHost];
    }

    public int Index { get; }

    public HostName Name { get; }

    public bool IsOn { get; private set; } = true;

    public HostMemory Memory { get; private set; }

    /// <summary>The living silo process; null while there is none.</summary>
    public Silo? Silo { get; private set; }

    public TrainerProcess?[] Trainers { get; }

    public IEnumerable<TrainerProcess> LiveTrainers => Trainers.OfType<TrainerProcess>().Where(trainer => trainer.Alive);

    public long ClockOffset { get; set; }

    public long Clock => _world.Now + ClockOffset;

    /// <summary>The newest epoch for which this machine has halted. A copy that is sealed for an earlier epoch afterwards is wrong.</summary>
    public Epoch Halted { get; set; }

    /// <summary>How often the machine has lost all it had.</summary>
    public int Lives { get; private set; }

    /// <summary>It never comes back.</summary>
    public bool IsRetired { get; set; }

    public bool CapturesFail { get; set; }

    /// <summary>A capture takes longer than a trainer may take to stop.</summary>
    public bool CapturesAreLong { get; set; }

    /// <summary>Its configuration is of another job than that of the others. A silo reads it when it starts.</summary>
    public bool IsOdd { get; set; }

    /// <summary>What keeps it from its part although it lives; null when nothing does.</summary>
    public FaultKind? Handicap { get; set; }

    /// <summary>Trainers start on it and do not connect while this holds.</summary>
    public bool TrainersHang { get; set; }

    /// <summary>Why no position fits into its memory; null: every position fits.</summary>
    public string? MemoryProblem { get; set; }

    /// <summary>How many guests it takes in.</summary>
    public int GuestsMax { get; set; } = int.MaxValue;

    /// <summary>Hosts whose data ports it cannot reach.</summary>
    public HashSet<HostName> Unreachable { get; } = [];

    public void StartSilo()
    {
        if (IsRetired || Silo is { Alive: true }) return;
        IsOn = true;
        _world.Trace(Name.Value, () => $"silo {_incarnation + 1} starts");
        Memory.Adopt();
        Silo = new Silo(_world, this, ++_incarnation);
    }

    public void KillSilo(string why)
    {
        if (Silo is not { Alive: true } silo) return;
        _world.Trace(Name.Value, () => $"silo {silo.Incarnation} dies: {why}");
        silo.End();
        Silo = null;
        foreach (var trainer in LiveTrainers) trainer.Disconnect();
    }

    /// <summary>The silo ends in order: it sends its trainers away and leaves the cluster.</summary>
    public void StopSilo(string why)
    {
        if (Silo is not { Alive: true } silo) return;
        KillSilo(why);
        foreach (var trainer in LiveTrainers.ToList()) trainer.Die(silently: false, TrainerEnd.Dismissed);
        _world.Membership.Leave(silo);
    }

    /// <summary>Its silo and its trainers end, as when its container is started again. Its memory stays.</summary>
    public void EndProcesses(string why)
    {
        KillSilo(why);
        foreach (var trainer in LiveTrainers.ToList()) trainer.Die(silently: false, TrainerEnd.KilledFromOutside);
        Array.Clear(Trainers);
    }

    /// <summary>Everything on it is gone. Silently: its peers' connections stay open until it is back.</summary>
    public void PowerOff(bool silently)
    {
        _world.Trace(Name.Value, () => silently ? "the machine is gone without a word" : "the machine is gone");
        KillSilo("its machine is gone");
        foreach (var trainer in LiveTrainers.ToList()) trainer.Die(silently);
        Array.Clear(Trainers);
        Memory = new HostMemory(this, _world);
        Lives++;
        (IsOn, Halted) = (false, default);
    }
}
