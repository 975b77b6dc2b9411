using System.Globalization;
using Gemini.Simulation.Faults;
using Gemini.Simulation.Runs;

const string usage = """
    Simulates lives of a job in virtual time; see tests/Gemini.Simulation/DESIGN.md.
      --seeds COUNT [--first SEED]   runs COUNT seeds over all cores, from SEED on (0)
      --seed SEED [--hosts N] [--trace]
                                     runs one seed; with N hosts in place of its own number; with its whole trace
      --pairs COUNT [--first SEED]   runs COUNT seeds with each pair of kinds of fault, and no other fault
      --defect NAME [--seeds COUNT] [--faults KIND,KIND] [--trace]
                                     builds a mistake in (None: no mistake), and says which of COUNT seeds (200) finds it first; with these faults only
    """;

int? Number(string name)
{
    var at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length && int.TryParse(args[at + 1], CultureInfo.InvariantCulture, out var value) ? value : null;
}

if (Array.IndexOf(args, "--defect") is >= 0 and var at && at + 1 < args.Length && Enum.TryParse<Defect>(args[at + 1], out var defect))
{
    var kinds = Array.IndexOf(args, "--faults") is >= 0 and var named && named + 1 < args.Length ? args[named + 1].Split(',') : [];
    var found = Campaign.Find(defect, Number("--seeds") ?? 200, [.. kinds.Select(Enum.Parse<FaultKind>)]);
    Console.WriteLine(found is null ? $"{defect} was not found" : $"{defect} is found by seed {found.Options.Seed}: {found.Failure}");
    if (found is not null && args.Contains("--trace")) Console.WriteLine(SimulationRun.Run(found.Options, defect, traced: true).Explain(wholeTrace: true));
    return found is null ? 1 : 0;
}

if (Number("--seed") is { } seed)
{
    var options = SimulationOptions.Draw(seed);
    if (Number("--hosts") is { } hosts) options = options.WithHosts(hosts);
    var result = SimulationRun.Run(options, Defect.None, traced: args.Contains("--trace"));
    if (result.Failure is not null && !args.Contains("--trace")) result = SimulationRun.Run(options, Defect.None, traced: true);
    Console.WriteLine(result.Explain(wholeTrace: args.Contains("--trace")));
    Console.WriteLine(result.Statistics);
    Console.WriteLine($"trace hash {result.Hash:x16}");
    return result.Failure is null ? 0 : 1;
}

if (Number("--pairs") is { } each)
{
    var (runs, failed) = Campaign.RunPairs(Number("--first") ?? 0, each, Console.Out);
    Console.WriteLine($"{runs - failed.Count} of {runs} lives passed");
    return failed.Count == 0 ? 0 : 1;
}

if (Number("--seeds") is { } count)
{
    var (statistics, failed) = Campaign.Run(Number("--first") ?? 0, count, Console.Out);
    foreach (var result in failed.Take(3)) Console.WriteLine(Campaign.Explain(result));
    Console.WriteLine(statistics);
    Console.WriteLine($"{count - failed.Count} of {count} seeds passed");
    if (failed.Count > 0) Console.WriteLine($"failed: {string.Join(' ', failed.Select(result => result.Options.Seed))}");
    return failed.Count == 0 ? 0 : 1;
}

Console.Error.WriteLine(usage);
return 2;
