namespace Gemini.Simulation.Fakes;

/// <summary>Faults on the way between root agent and hosts. Without a random source: no fault, and everything in order.</summary>
internal sealed class Chaos(Random? random)
{
    /// <summary>Switches all faults off: from now on every message arrives, once and in order.</summary>
    public bool Calm { get; set; } = random is null;

    public bool Loses() => Chance(0.15);

    public bool Doubles() => Chance(0.1);

    public bool Delays() => Chance(0.15);

    /// <summary>Whether an activity that normally runs in every tick pauses in this tick, so that hosts and trainers get out of step.</summary>
    public bool Rests() => Chance(0.3);

    public IEnumerable<T> Shuffled<T>(IEnumerable<T> items)
    {
        var array = items.ToArray();
        if (!Calm) random!.Shuffle(array);
        return array;
    }

    private bool Chance(double probability) => !Calm && random!.NextDouble() < probability;
}
