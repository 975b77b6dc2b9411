namespace Gemini.Simulation.Runs;

/// <summary>How a run ended.</summary>
/// <param name="Options">What was drawn from the seed.</param>
/// <param name="Failure">What went wrong; null when nothing did.</param>
/// <param name="Hash">Equal for equal runs.</param>
/// <param name="Statistics">What happened.</param>
/// <param name="Trace">Line by line, when it was asked for.</param>
/// <param name="State">Everything as it stood when it went wrong.</param>
internal sealed record SimulationResult(
    SimulationOptions Options, string? Failure, ulong Hash, Statistics Statistics, IReadOnlyList<string> Trace, string State)
{
    private const int LastLines = 60;

    /// <summary>What a person needs to find the mistake.</summary>
    public string Explain(bool wholeTrace)
    {
        var lines = wholeTrace ? Trace : [.. Trace.TakeLast(LastLines)];
        return string.Join(
            Environment.NewLine,
            [
                $"seed {Options.Seed}: {Failure ?? "all truths hold, and the job went on"}",
                $"options: {Options}",
                .. lines,
                State,
                $"replay: dotnet run -c Release --project tests/Gemini.Simulation -- --seed {Options.Seed} --trace",
            ]);
    }
}
