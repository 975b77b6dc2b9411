using System.Diagnostics;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Runs;

/// <summary>Many seeds, over all cores.</summary>
internal static class Campaign
{
    /// <summary>Runs the seeds. Returns the statistics, and the failed seeds in order.</summary>
    public static (Statistics Statistics, IReadOnlyList<SimulationResult> Failed) Run(int first, int count, TextWriter? progress = null)
    {
        var statistics = new Statistics();
        var failed = new List<SimulationResult>();
        var done = 0;
        var watch = Stopwatch.StartNew();
        var shown = TimeSpan.Zero;
        Parallel.For(first, first + count, seed =>
        {
            var result = SimulationRun.Run(seed);
            lock (failed)
            {
                statistics.Add(result.Statistics);
                done++;
                if (result.Failure is not null)
                {
                    failed.Add(result);
                    progress?.WriteLine($"seed {seed}: {result.Failure}");
                }

                if (progress is null || (watch.Elapsed - shown < TimeSpan.FromSeconds(5) && done < count)) return;
                shown = watch.Elapsed;
                progress.WriteLine($"{done} of {count} seeds, {failed.Count} failed, {watch.Elapsed.TotalSeconds:0} s");
            }
        });

        failed.Sort((one, other) => one.Options.Seed.CompareTo(other.Options.Seed));
        return (statistics, failed);
    }

    /// <summary>
    /// Runs every pair of kinds of fault, and each kind alone, with no other fault. So a failure that needs two rare faults at once is found soon.
    /// Returns the number of runs, and the failed ones.
    /// </summary>
    /// <param name="first">The first seed of each pair.</param>
    /// <param name="count">How many seeds of each pair.</param>
    /// <param name="progress">Gets each failure at once, and a line of progress now and then.</param>
    public static (int Runs, IReadOnlyList<SimulationResult> Failed) RunPairs(int first, int count, TextWriter progress)
    {
        var kinds = Enum.GetValues<FaultKind>();
        var pairs = kinds.SelectMany(one => kinds.Where(other => other >= one).Select(other => (FaultKind[])(one == other ? [one] : [one, other]))).ToList();
        var failed = new List<SimulationResult>();
        var done = 0;
        Parallel.ForEach(pairs, pair =>
        {
            foreach (var seed in Enumerable.Range(first, count))
            {
                var result = SimulationRun.Run(Narrow(SimulationOptions.Draw(seed), pair), Defect.None);
                if (result.Failure is null) continue;
                lock (failed) failed.Add(result);
                progress.WriteLine($"{string.Join(',', pair)}, seed {seed}: {result.Failure}");
            }

            if (Interlocked.Increment(ref done) is var now && (now % 50 == 0 || now == pairs.Count)) progress.WriteLine($"{now} of {pairs.Count} pairs");
        });
        return (pairs.Count * count, failed);
    }

    /// <summary>The first seed, from 0 on, that finds a built-in mistake; null if none finds it.</summary>
    /// <param name="defect">The mistake.</param>
    /// <param name="count">How many seeds to try.</param>
    /// <param name="faults">The only faults, so that a seed finds the mistake soon; null: the faults of each seed.</param>
    public static SimulationResult? Find(Defect defect, int count, params FaultKind[]? faults) => Enumerable.Range(0, count)
        .Select(SimulationOptions.Draw)
        .Select(options => Narrow(options, faults ?? []))
        .Select(options => SimulationRun.Run(options, defect))
        .FirstOrDefault(result => result.Failure is not null);

    private static SimulationOptions Narrow(SimulationOptions options, FaultKind[] faults)
    {
        if (faults is []) return options;
        var narrowed = options with { Faults = faults.ToDictionary(kind => kind, _ => 1), FaultGapMilliseconds = 1000 };
        return faults.Contains(FaultKind.Clock) ? WithWrongClocks(narrowed) : narrowed;
    }

    /// <summary>Clocks that are wrong by up to an hour matter only while the job waits, such as for a silo that stays down.</summary>
    private static SimulationOptions WithWrongClocks(SimulationOptions options) =>
        options with { SkewMilliseconds = 3_600_000, StaysDown = 0.5, HealsOnlyCore = true, Standbys = Math.Max(1, options.Standbys) };

    /// <summary>Runs a failed seed again, with its trace.</summary>
    public static string Explain(SimulationResult failed) => SimulationRun.Run(failed.Options, Defect.None, traced: true).Explain(wholeTrace: false);
}
