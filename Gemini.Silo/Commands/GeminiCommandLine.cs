using System.CommandLine;
using System.CommandLine.Parsing;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Commands;

/// <summary>The command line of <c>gemini</c>.</summary>
internal static class GeminiCommandLine
{
    /// <summary>Runs one command and returns the process's exit code (<see cref="ExitCodes"/>).</summary>
    /// <param name="arguments">As given to the process.</param>
    /// <param name="output">What the command has to say.</param>
    /// <param name="error">Whatever is wrong: one line.</param>
    /// <param name="ct">Asks the command to stop in good order.</param>
    /// <param name="hurry">Asks it, after that, to wait for nothing that can be left out.</param>
    public static async Task<int> RunAsync(
        string[] arguments, TextWriter output, TextWriter error, CancellationToken ct, CancellationToken hurry = default)
    {
        var root = new RootCommand(
            "Fast failure recovery for distributed training: every iteration's state is kept in the memory of the training hosts themselves, "
            + "so a failed job goes on from there within seconds.")
        {
            DemoCommand.Create(output, error),
            HostCommand.Create(output, error, hurry),
            StatusCommand.Create(output, error),
            ForgetCommand.Create(Console.In, output),
            RespecifyCommand.Create(output),
            DrillCommand.Create(output, error),
            ChartCommand.Create(output),
        };
        var parsed = root.Parse(AsOptions(arguments));
        if (parsed.Errors.Count > 0)
        {
            var command = PathOf(parsed.CommandResult);
            // A word that nothing expects also leaves something else missing; the word is the cause.
            var message = parsed.UnmatchedTokens.Count > 0 ? $"'{parsed.UnmatchedTokens[0]}' is no command or option." : parsed.Errors[0].Message;
            error.WriteLine($"gemini: {message.ReplaceLineEndings(" ")} Try: {command} --help");
            return ExitCodes.BadInput;
        }

        try
        {
            // Signals are handled by the caller, who knows how long an orderly stop may take.
            var invocation = new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(invocation, ct);
        }
        catch (BadInputException bad)
        {
            error.WriteLine($"gemini: {bad.Message}");
            return ExitCodes.BadInput;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception unexpected)
        {
            // A defect, or surroundings nobody thought of: all there is to know, and last the line that a person or a launcher reads.
            error.WriteLine(unexpected);
            error.WriteLine($"gemini: {unexpected.GetType().Name}: {unexpected.Message.ReplaceLineEndings(" ")}");
            return ExitCodes.Failed;
        }
    }

    /// <summary>What people try first: no word at all, "help", "help COMMAND" and "version".</summary>
    private static string[] AsOptions(string[] arguments) => arguments switch
    {
        [] or ["help"] => ["--help"],
        ["help", .. var command] => [.. command, "--help"],
        ["version"] => ["--version"],
        _ => arguments,
    };

    /// <summary>As a person types it: "gemini drill detect".</summary>
    private static string PathOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{PathOf(parent)} {result.Command.Name}" : "gemini";
}
