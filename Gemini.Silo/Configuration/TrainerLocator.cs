using Gemini.Silo.Processes;

namespace Gemini.Silo.Configuration;

/// <summary>
/// Where the trainer's program is: as configured; else <c>trainer/gemini-trainer</c> beside this program, as an installation has it;
/// else in the sibling folder of the same build, as a development tree has it.
/// </summary>
public static class TrainerLocator
{
    internal const string Program = "gemini-trainer";

    /// <summary>The path of the program to start.</summary>
    /// <exception cref="BadInputException">There is no such program; the message lists the paths that were tried.</exception>
    public static string Locate(TrainerConfiguration trainer) => Locate(trainer, AppContext.BaseDirectory);

    /// <param name="trainer">What is configured.</param>
    /// <param name="programDirectory">The folder that holds this program.</param>
    internal static string Locate(TrainerConfiguration trainer, string programDirectory)
    {
        if (trainer.Command is { Length: > 0 } command)
        {
            return ProgramFile.Find(command)
                ?? throw new BadInputException($"trainer.command is \"{command}\", but there is no such program; correct the path.");
        }

        var candidates = Candidates(programDirectory);
        return candidates.FirstOrDefault(File.Exists) ?? throw new BadInputException(
            $"There is no {Program} at {string.Join(" nor at ", candidates)}. Build it (dotnet build -c Release), or set trainer.command.");
    }

    private static string[] Candidates(string programDirectory)
    {
        // artifacts/bin/Gemini.Silo/release_linux-x64/ corresponds to artifacts/bin/Gemini.Trainer/release_linux-x64/.
        var output = Path.TrimEndingDirectorySeparator(Path.GetFullPath(programDirectory));
        var configuration = Path.GetFileName(output);
        var bin = Path.GetDirectoryName(Path.GetDirectoryName(output)) ?? "/";
        return [Path.Combine(output, "trainer", Program), Path.Combine(bin, "Gemini.Trainer", configuration, Program)];
    }
}
