using Gemini.Simulation.Engine;

namespace Gemini.Simulation.Cluster;

/// <summary>One activation of a grain: lives on a silo, and dies with it.</summary>
internal abstract class Activation(World world, Silo silo) : Process(world.Loop, world.Broke)
{
    public Silo Silo => silo;

    public override bool Alive => base.Alive && silo.Alive;
}

/// <summary>
/// Where grains are. Every silo remembers where it found a grain, and calls that activation until it believes that the activation is gone. So, while
/// the cluster changes, different silos may know different activations of the same grain.
/// </summary>
internal sealed class GrainDirectory(World world)
{
    private readonly Dictionary<string, Activation> _registered = [];

    /// <summary>Chooses the silo for a grain among those that can run it; null: none of them. Default: any of them.</summary>
    public Func<IReadOnlyList<Silo>, Silo?> Place { get; set; } = world.Dice.Pick;

    /// <summary>
    /// The activation that this silo would call, or null if no silo can run one now. Activates the grain if the silo knows no usable activation.
    /// </summary>
    public Activation? Locate(Silo caller, string key)
    {
        if (caller.Known.GetValueOrDefault(key) is { } known && IsUsable(caller, known)) return known;
        if (_registered.GetValueOrDefault(key) is not { } found || !IsUsable(caller, found))
        {
            var candidates = world.Machines.Select(machine => machine.Silo).OfType<Silo>().Where(silo => silo.IsMember && !caller.HoldsDead(silo)).ToList();
            if (candidates.Count == 0 || Place(candidates) is not { } place) return null;
            found = Activate(place, key);
        }

        caller.Known[key] = found;
        return found;
    }

    public Activation? Registered(string key) => _registered.GetValueOrDefault(key);

    /// <summary>Whether the directory sends callers to another activation. If it has none, it registers this one.</summary>
    public bool IsReplaced(string key, Activation own) => !_registered.TryAdd(key, own) && _registered[key] != own;

    /// <summary>The next silo that must ask brings up another activation. Silos that know the old one continue to call it.</summary>
    public void Forget(string key) => _registered.Remove(key);

    private Activation Activate(Silo silo, string key) =>
        _registered[key] = key == RootActivation.Key ? new RootActivation(world, silo) : new GroupActivation(world, silo, key);

    private static bool IsUsable(Silo caller, Activation activation) =>
        !caller.HoldsDead(activation.Silo) && (activation.Alive || !activation.Silo.Alive);
}
