using System.Collections.Immutable;
using System.ComponentModel;
using System.Globalization;
using Gemini.Grains.Machines;
using Gemini.Silo.Configuration;
using Gemini.Silo.Processes;

namespace Gemini.Silo.Machines;

/// <summary>
/// Asks a program that the user provides. The program gets everything in its environment. Each line that it prints is passed on. Exit code 0 means
/// that a machine is up; any other code means that there is none now. If the attempt is abandoned, the program is ended with everything that it has
/// started.
/// </summary>
/// <remarks>
/// A process that the program leaves in the background continues, but must not keep the program's output open. If this host dies, the program
/// continues. The next root agent then starts the program once more, perhaps beside the first. So the program has to lock per host, or work correctly
/// if it runs twice.
/// </remarks>
internal sealed class CommandOperator : IMachineOperator
{
    /// <summary>How long the program may take to end in good order.</summary>
    private static readonly TimeSpan EndGrace = TimeSpan.FromSeconds(2);

    /// <summary>How long output is still read after the program has ended: a background process may keep the output open for ever.</summary>
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(1);

    private readonly ImmutableArray<string> _run;
    private readonly TimeProvider _time;

    private CommandOperator(ImmutableArray<string> run, TimeProvider time) => (_run, _time) = (run, time);

    /// <exception cref="BadInputException">There is no such program, or it is not executable.</exception>
    public static CommandOperator Create(ImmutableArray<string> run, TimeProvider time)
    {
        var program = ProgramFile.Find(run[0])
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
                ? MachineOutcome.Accepted(last.Length > 0 ? last : "the command has succeeded")
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

    /// <summary>128 + signal: a convention of shells and of .NET.</summary>
    private static string Ending(int exitCode) => exitCode > 128 ? $"ended by signal {exitCode - 128}" : $"exit code {exitCode}";
}
