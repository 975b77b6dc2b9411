using System.Collections.Immutable;
using System.Diagnostics;
using Gemini.Interfaces.Files;

namespace Gemini.Silo.Processes;

/// <summary>How to start this program once more, and any other with its output in a log file.</summary>
internal static class GeminiProgram
{
    /// <summary>This program with other arguments: its executable, or dotnet with its library where there is none.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="logPath">Where its output goes.</param>
    /// <param name="launcher">A program, with its arguments, that becomes this one; empty: none.</param>
    public static ProcessStartInfo StartInfo(IEnumerable<string> arguments, string logPath, ImmutableArray<string> launcher = default)
    {
        IEnumerable<string> own = [.. Words(), .. arguments];
        string[] words = launcher.IsDefaultOrEmpty ? [.. own] : [.. launcher, .. own];
        return Logged(words[0], words[1..], logPath);
    }

    /// <summary>The same in a session of its own: neither a terminal's Ctrl-C nor the end of this process ends it.</summary>
    public static ProcessStartInfo Detached(IEnumerable<string> arguments, string logPath) =>
        Shell("exec setsid \"$0\" \"$@\" </dev/null >>\"$GEMINI_LOG\" 2>&1", Words()[0], [.. Words()[1..], .. arguments], logPath);

    /// <summary>
    /// The program with everything it prints appended to the log. The shell opens the file and then becomes the program, so the process
    /// id is the program's, and it can go on writing when this process is gone.
    /// </summary>
    public static ProcessStartInfo Logged(string program, IEnumerable<string> arguments, string logPath) =>
        Shell("exec \"$0\" \"$@\" >>\"$GEMINI_LOG\" 2>&1", program, arguments, logPath);

    /// <summary>The program with its errors appended to the log; its standard output can be read.</summary>
    public static ProcessStartInfo ErrorsLogged(string program, IEnumerable<string> arguments, string logPath)
    {
        var start = Shell("exec \"$0\" \"$@\" 2>>\"$GEMINI_LOG\"", program, arguments, logPath);
        start.RedirectStandardOutput = true;
        return start;
    }

    private static string[] Words()
    {
        var executable = Path.Combine(AppContext.BaseDirectory, "gemini");
        return File.Exists(executable) ? [executable] : ["dotnet", executable + ".dll"];
    }

    private static ProcessStartInfo Shell(string script, string program, IEnumerable<string> arguments, string logPath)
    {
        // Made here, so that only this user can read it; the shell would make it with the user's umask.
        PrivateFile.OpenOrCreate(logPath).Dispose();
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false };
        foreach (var argument in (string[])["-c", script, program, .. arguments]) start.ArgumentList.Add(argument);
        start.Environment["GEMINI_LOG"] = logPath;
        // What a demo or a drill starts is killed on purpose, and would leave its pipes in the temporary folder.
        start.Environment.TryAdd(ProcessTools.Diagnostics, "0");
        return start;
    }
}
