using System.Collections.Immutable;
using System.ComponentModel;
using System.Globalization;
using Gemini.Grains.Machines;
using Gemini.Silo.Configuration;
using Gemini.Silo.Processes;

namespace Gemini.Silo.Machines;

/// <summary>
/// Asks a program of the operator's own. All it is told is in its environment; each line that it prints is passed on; exit code 0 means
/// that a machine is up, any other that there is none now. Given up, it is ended with everything it has started.
/// </summary>
/// <remarks>
/// What it leaves running in the background goes on, but must not keep its output open. If this host dies, the program does not: the next
/// root agent starts it once more, perhaps beside the first, so it has to lock per host, or bear it.
/// </remarks>
internal sealed class CommandOperator : IMachineOperator
{
    /// <summary>How long the program may take to end in order.</summary>
    private static readonly TimeSpan EndGrace = TimeSpan.FromSeconds(2);

    /// <summary>How long output is still read once the program has ended: something in the background may keep it open for ever.</summary>
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(1);

    private readonly ImmutableArray<string> _run;
    private readonly TimeProvider _time;

    private CommandOperator(ImmutableArray<string> run, TimeProvider time) => (_run, _time) = (run, time);

    /// <exception cref="BadInputException">There is no such program.</exception>
    public static CommandOperator Create(ImmutableArray<string> run, TimeProvider time)
    {
        var candidates = run[0].Contains('/')
            ? [run[0]]
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, run[0]));
        var program = candidates.FirstOrDefault(File.Exists)
            ?? throw new BadInputException($"machines.command.run is \"{run[0]}\", but there is no such program; correct the path.");
        if ((File.GetUnixFileMode(program) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) == 0)
            throw new BadInputException($"machines.command.run is \"{program}\", which is not executable; make it so: chmod +x {program}");
        return new CommandOperator([program, .. run[1..]], time);
    }

    public async Task<MachineOutcome> BringUpAsync(MachineOrder order, Action<string> say, CancellationToken ct)
    {
        ProcessGroup group;
        try
        {
            group = ProcessGroup.Start(_run, environment => Tell(environment, order));
        }
        catch (Win32Exception error)
        {
            return MachineOutcome.Failed($"{_run[0]} cannot be started: {error.Message}");
        }

        using (group)
        {
            var last = "";
            var output = Task.WhenAll(BoundedLines.ReadAsync(group.Output, Take), BoundedLines.ReadAsync(group.Errors, Take));
            try
            {
                await group.WaitForExitAsync(ct);
            }
            catch (OperationCanceledException)
            {
                await group.EndAsync(EndGrace, _time);
                throw;
            }

            await Task.WhenAny(output, Task.Delay(OutputGrace, _time, ct));
            return group.ExitCode == 0
                ? MachineOutcome.Accepted(last.Length > 0 ? last : "the command has ended well")
                : MachineOutcome.Failed(Ending(group.ExitCode) + (last.Length > 0 ? $": {last}" : ", and said nothing"));

            void Take(string line) => say(last = line);
        }
    }

    private static void Tell(IDictionary<string, string?> environment, MachineOrder order)
    {
        HostEnvironment.RemoveOwn(environment);
        environment["GEMINI_JOB"] = order.Job;
        environment["GEMINI_HOST"] = order.Host.Value;
        environment["GEMINI_REASON"] = order.Reason;
        environment["GEMINI_ATTEMPT"] = order.Attempt.ToString(CultureInfo.InvariantCulture);
        environment["GEMINI_MISSING_SECONDS"] = Math.Ceiling(order.MissingFor.TotalSeconds).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A shell's convention, and .NET's: 128 + signal.</summary>
    private static string Ending(int exitCode) => exitCode > 128 ? $"ended by signal {exitCode - 128}" : $"exit code {exitCode}";
}
