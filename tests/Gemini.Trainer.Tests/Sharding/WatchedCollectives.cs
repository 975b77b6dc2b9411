using Gemini.Trainer.Client.Collectives;
using Gemini.Trainer.Sharding;
using TorchSharp;

namespace Gemini.Trainer.Tests.Sharding;

/// <summary>The collectives of a ring, each of which is noted before it begins.</summary>
/// <param name="ring">The caller owns it.</param>
/// <param name="layout">This rank's.</param>
internal sealed class WatchedCollectives(Ring ring, ShardLayout layout) : ICollectives
{
    private readonly RingCollectives _ring = new(ring);

    /// <summary>The collectives so far: "gather" or "reduce" with the number of the unit, and "sum".</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Called with the number of a collective, from 0, before it begins.</summary>
    public Action<int> OnBegin { get; init; } = _ => { };

    /// <summary>
    /// Torch's random numbers belong to the process. If the ranks are threads of one process and each must draw its own numbers, each has its turn to
    /// compute: it hands it on while it is in a collective, and afterwards continues with its own random numbers.
    /// </summary>
    public SemaphoreSlim? Turn { get; init; }

    public void AllGather(torch.Tensor own, torch.Tensor full) => Note($"gather {UnitOf(own)}", () => _ring.AllGather(own, full));

    public void ReduceScatter(torch.Tensor full, torch.Tensor own) => Note($"reduce {UnitOf(own)}", () => _ring.ReduceScatter(full, own));

    public double AllReduceSum(double value)
    {
        var sum = 0.0;
        Note("sum", () => sum = _ring.AllReduceSum(value));
        return sum;
    }

    private void Note(string call, Action collective)
    {
        Calls.Add(call);
        OnBegin(Calls.Count - 1);
        if (Turn is null)
        {
            collective();
            return;
        }

        using var random = torch.get_rng_state();
        Turn.Release();
        try
        {
            collective();
        }
        finally
        {
            Turn.Wait();
            torch.set_rng_state(random);
        }
    }

    private int UnitOf(torch.Tensor own) => layout.Parts.ToList().FindIndex(part => part.ShardOffset == own.storage_offset());
}
