using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>What the status tells about speed: the median iteration and the worst commit lag. Pure.</summary>
internal sealed class IterationStatistics
{
    /// <summary>Enough for a steady median, little enough to follow a change within minutes.</summary>
    private const int Window = 512;

    private readonly Queue<double> _milliseconds = [];
    private Iteration _newest;
    private Epoch _epoch;

    /// <summary>How far, at most, the committed iteration was behind a trained one, since something was committed.</summary>
    public long CommittedLagMax { get; private set; }

    public double MillisecondsMedian
    {
        get
        {
            if (_milliseconds.Count == 0) return 0;
            var sorted = _milliseconds.Order().ToArray();
            var middle = sorted.Length / 2;
            return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }
    }

    public void Observe(HostReport report, Epoch epoch, Iteration committed)
    {
        foreach (var trainer in report.Trainers.Where(trainer => trainer.Epoch == epoch))
        {
            if (committed > Iteration.Zero) CommittedLagMax = Math.Max(CommittedLagMax, trainer.Iteration.Value - committed.Value);
            if (epoch == _epoch && trainer.Iteration <= _newest) continue;
            _epoch = epoch;
            _newest = trainer.Iteration;
            if (trainer.IterationMilliseconds <= 0) continue;
            _milliseconds.Enqueue(trainer.IterationMilliseconds);
            if (_milliseconds.Count > Window) _milliseconds.Dequeue();
        }
    }
}
