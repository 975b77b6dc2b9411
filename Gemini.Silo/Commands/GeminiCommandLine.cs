using System.CommandLine;
using System.CommandLine.Parsing;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Commands;

/// <summary>The command line of <c>gemini</c>.</summary>
internal static class GeminiCommandLine
{
    /// <summary>Runs one command and returns the process's exit code (<see cref="ExitCodes"/>).</summary>
    /// <param name="arguments">The arguments of the process.</param>
    /// <param name="output">Receives the command's output.</param>
    /// <param name="error">Receives each error as one line. For an unexpected exception, that line comes last, after the stack trace.</param>
    /// <param name="ct">Asks the command to stop in good order.</param>
    /// <param name="hurry">Asks the command, after <paramref name="ct"/>, to skip every wait that it can skip.</param>
    public static async Task<int> RunAsync(
        string[] arguments, TextWriter output, TextWriter error, CancellationToken ct, CancellationToken hurry = default)
    {
        var root = new RootCommand(
            "Fast failure recovery for distributed training: every iteration's state is kept in the memory of the training hosts themselves, "
            + "so a failed job continues from there within seconds.")
        {
            DemoCommand.Create(output, error),
            HostCommand.Create(output, error, hurry),
            StatusCommand.Create(output, error),
            ForgetCommand.Create(Console.In, output),
            RespecifyCommand.Create(output),
            PreflightCommand.Create(output, error),
            PlanCommand.Create(output),
            DrillCommand.Create(output, error),
            ChartCommand.Create(output),
        };
        var parsed = root.Parse(AsOptions(arguments));
        if (parsed.Errors.Count > 0)
        {
            var command = PathOf(parsed.CommandResult);
            // An unexpected word often causes a second error, because something else then seems to be missing. Report the word: it is the cause.
            var message = parsed.UnmatchedTokens.Count > 0 ? $"'{parsed.UnmatchedTokens[0]}' is no command or option." : parsed.Errors[0].Message;
            error.WriteLine($"gemini: {message.ReplaceLineEndings(" ")} Try: {command} --help");
            return ExitCodes.BadInput;
        }

        try
        {
            // The caller handles signals, because it knows how long an orderly stop may take.
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
            // A defect, or an environment that nobody expected. Print the whole exception. Last comes the one line that a person or a launcher reads.
            error.WriteLine(unexpected);
            error.WriteLine($"gemini: {unexpected.GetType().Name}: {unexpected.Message.ReplaceLineEndings(" ")}");
            return ExitCodes.Failed;
        }
    }

    /// <summary>Accepts what people try first: no argument, "help", "help COMMAND" and "version".</summary>
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
