namespace Gemini.Simulation.Runs;

/// <summary>How a run ended.</summary>
/// <param name="Options">The shape of the run.</param>
/// <param name="Failure">The first failure; null if there was none.</param>
/// <param name="Hash">Equal for equal runs.</param>
/// <param name="Statistics">What happened.</param>
/// <param name="Trace">Line by line, if the run was traced.</param>
/// <param name="State">The state of every machine at the failure.</param>
internal sealed record SimulationResult(
    SimulationOptions Options, string? Failure, ulong Hash, Statistics Statistics, IReadOnlyList<string> Trace, string State)
{
    private const int LastLines = 60;

    /// <summary>The option of a run whose number of hosts the seed has not drawn.</summary>
    private string Hosts => Options.Hosts == SimulationOptions.Draw(Options.Seed).Hosts ? "" : $" --hosts {Options.Hosts}";

    /// <summary>The text that a person needs to find the mistake.</summary>
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
                $"replay: dotnet run -c Release --project tests/Gemini.Simulation -- --seed {Options.Seed}{Hosts} --trace",
            ]);
    }
}
