namespace Gemini.Simulation.Engine;

/// <summary>All randomness of a run, from its seed.</summary>
internal sealed class Dice(int seed)
{
    private readonly Random _random = new(seed);

    public bool Chance(double probability) => probability > 0 && _random.NextDouble() < probability;

    /// <summary>Both ends included.</summary>
    public int Between(int least, int most) => _random.Next(least, most + 1);

    public double Fraction() => _random.NextDouble();

    /// <summary>Exponential with this mean; at most ten times the mean.</summary>
    public long Exponential(double mean) => mean <= 0 ? 0 : (long)Math.Min(-mean * Math.Log(1 - _random.NextDouble()), mean * 10);

    public T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    public T[] Shuffled<T>(IEnumerable<T> items)
    {
        var array = items.ToArray();
        _random.Shuffle(array);
        return array;
    }
}
