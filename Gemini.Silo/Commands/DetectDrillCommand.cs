using System.CommandLine;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Lab.Detection;
using static Gemini.Silo.Commands.CommandOptions;

namespace Gemini.Silo.Commands;

/// <summary>
/// <c>gemini drill detect</c> and <c>gemini drill calm</c>: measure how soon a failure is detected, and check that a healthy job raises no false
/// alarm.
/// </summary>
internal static class DetectDrillCommand
{
    private static readonly DetectionOptions Defaults = new();

    private static readonly Option<int> Hosts = Value("--hosts", "N", "Hosts that train; one standby is added. Range: 3 to 64.", Defaults.Hosts);

    private static readonly Option<string> Model = Value("--model", "NAME", "What they train.", Defaults.Model);

    private static readonly Option<string> Profile = Value("--profile", "NAME", "How soon silence counts as death: default or fast.", "default");

    private static readonly Option<int> Repetitions = Value("--repetitions", "COUNT", "How often each fault is made. At least 1.", Defaults.Repetitions);

    private static readonly Option<int> Pace = Value(
        "--pace", "MS", "An iteration takes at least this long, because the hosts share this machine's cores. 0: full speed.", Defaults.PaceMilliseconds);

    private static readonly Option<double> Minutes = Value("--minutes", "M", "How long.", Defaults.Duration.TotalMinutes);

    private static readonly Option<string[]> Only = Many(
        "--only", "FAULT", $"Only this fault; repeatable: {string.Join(", ", Faults.All.Select(Faults.NameOf))}. [default: all]");

    private static readonly Option<string?> Report = CommandOptions.Report();

    private static readonly Option<string?> Logs = CommandOptions.Logs();

    public static Command CreateDetect(TextWriter output, TextWriter error)
    {
        var command = new Command("detect",
            "Makes each kind of failure several times, and measures how soon the root agent has its verdict. Exit code 0 only if each median is within "
            + "its limit and each verdict is right. cut-cable needs root, because hosts get network namespaces; without root, cut-cable is skipped.")
        {
            Hosts, Model, Profile, Pace, Repetitions, Only, Report, Logs,
        };
        command.SetAction((parsed, ct) => RunAsync(error, stop => new DetectDrill(Read(parsed) with
        {
            Repetitions = AtLeastOne(parsed.GetValue(Repetitions)),
            PaceMilliseconds = NotNegative(parsed.GetValue(Pace)),
            Faults = parsed.GetRequiredValue(Only) is { Length: > 0 } names ? [.. names.Select(Faults.Parse).Distinct()] : Faults.All,
            Report = parsed.GetValue(Report),
        }, output, error, TimeProvider.System).RunAsync(stop), ct));
        return command;
    }

    public static Command CreateCalm(TextWriter output, TextWriter error)
    {
        var command = new Command("calm",
            "Trains while endless loops take all cores. Exit code 0 only if the root agent reported no failure in that time.")
        {
            Hosts, Model, Profile, Minutes, Logs,
        };
        command.SetAction((parsed, ct) => RunAsync(error, stop => new CalmDrill(
            Read(parsed) with { Duration = Positive(parsed.GetValue(Minutes)), PaceMilliseconds = 0 }, output, error, TimeProvider.System).RunAsync(stop), ct));
        return command;
    }

    private static async Task<int> RunAsync(TextWriter error, Func<CancellationToken, Task<int>> run, CancellationToken ct)
    {
        try
        {
            return await run(ct);
        }
        catch (LabException failure)
        {
            error.WriteLine($"gemini drill: {failure.Message}");
            return ExitCodes.Failed;
        }
    }

    private static DetectionOptions Read(ParseResult parsed)
    {
        var hosts = parsed.GetValue(Hosts);
        if (hosts is < 3 or > 64) throw new BadInputException($"--hosts is {hosts}, but with only 2 hosts, each would judge the other alone; use 3 to 64.");
        if (parsed.GetValue(Report) is { } report) UsablePaths.RequireWritableFile("--report", report);
        if (parsed.GetValue(Logs) is { } logs) UsablePaths.RequireWritableFolder("--logs", logs);
        return new DetectionOptions
        {
            Hosts = hosts,
            Model = parsed.GetRequiredValue(Model),
            Profile = Enum.TryParse<TimingProfile>(parsed.GetValue(Profile), ignoreCase: true, out var profile) && Enum.IsDefined(profile)
                ? profile
                : throw new BadInputException($"--profile {parsed.GetValue(Profile)} is unknown; use default or fast."),
            Logs = parsed.GetValue(Logs),
        };
    }

    private static int AtLeastOne(int repetitions) =>
        repetitions >= 1 ? repetitions : throw new BadInputException($"--repetitions is {repetitions}, but each fault is made at least once; use 1 or more.");

    private static int NotNegative(int pace) =>
        pace >= 0 ? pace : throw new BadInputException($"--pace is {pace}, but an iteration takes a while; use 0 for full speed, or milliseconds.");

    private static TimeSpan Positive(double minutes) => minutes is > 0 and <= 10_000
        ? TimeSpan.FromMinutes(minutes)
        : throw new BadInputException($"--minutes is {minutes}, but a drill lasts a while; use more than 0, such as 20.");
}
