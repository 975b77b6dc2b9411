using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Truths;

/// <summary>
/// The job's state without any failure, rank by rank and iteration by iteration. Training is deterministic, and every rank's next state depends on
/// the states of all ranks: one wrong bit anywhere changes every state after it.
/// </summary>
internal sealed class GoldenRun(int worldSize)
{
    private readonly List<ulong[]> _states = [[.. Enumerable.Range(0, worldSize).Select(rank => Initial(new Rank(rank)))]];

    public ulong StateOf(Rank rank, Iteration iteration)
    {
        while (_states.Count <= iteration.Value)
        {
            var before = _states[^1];
            var sum = before.Aggregate(0UL, (left, right) => unchecked(left + right));
            _states.Add([.. before.Select(state => Next(state, sum))]);
        }

        return _states[(int)iteration.Value][rank.Value];
    }

    public static ulong Initial(Rank rank) => Scramble((ulong)rank.Value + 1);

    /// <summary>A rank's state after an iteration, from its state before and the collective's sum over all ranks.</summary>
    public static ulong Next(ulong state, ulong sum) => Scramble(unchecked((state * 3) + sum));

    private static ulong Scramble(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
