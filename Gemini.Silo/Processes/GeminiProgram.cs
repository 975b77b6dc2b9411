using System.Collections.Immutable;
using System.Diagnostics;
using Gemini.Interfaces.Files;

namespace Gemini.Silo.Processes;

/// <summary>How to start this program again, and any other program, with its output in a log file.</summary>
internal static class GeminiProgram
{
    /// <summary>Starts this program with other arguments: its executable, or dotnet with its library if there is no executable.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="logPath">The log file for its output.</param>
    /// <param name="launcher">A program, with its arguments, that then turns into this one by exec; empty: none.</param>
    public static ProcessStartInfo StartInfo(IEnumerable<string> arguments, string logPath, ImmutableArray<string> launcher = default)
    {
        IEnumerable<string> own = [.. Words(), .. arguments];
        string[] words = launcher.IsDefaultOrEmpty ? [.. own] : [.. launcher, .. own];
        return Logged(words[0], words[1..], logPath);
    }

    /// <summary>The same in a session of its own. Neither Ctrl-C in a terminal nor the end of this process ends it.</summary>
    public static ProcessStartInfo Detached(IEnumerable<string> arguments, string logPath) =>
        Shell("exec setsid \"$0\" \"$@\" </dev/null >>\"$GEMINI_LOG\" 2>&1", Words()[0], [.. Words()[1..], .. arguments], logPath);

    /// <summary>
    /// Starts a program and appends everything that it prints to the log. The shell opens the file and then turns into the program. So the process id
    /// is the program's, and the program can still write if this process is gone.
    /// </summary>
    public static ProcessStartInfo Logged(string program, IEnumerable<string> arguments, string logPath) =>
        Shell("exec \"$0\" \"$@\" >>\"$GEMINI_LOG\" 2>&1", program, arguments, logPath);

    /// <summary>Starts a program and appends its errors to the log. The caller can read its standard output.</summary>
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
        // The file is made here, so that only this user can read it. The shell would make it with the user's umask.
        PrivateFile.OpenOrCreate(logPath).Dispose();
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false };
        foreach (var argument in (string[])["-c", script, program, .. arguments]) start.ArgumentList.Add(argument);
        start.Environment["GEMINI_LOG"] = logPath;
        // A demo or a drill kills the processes that it starts. A killed .NET process would leave its pipes in the temporary folder.
        start.Environment.TryAdd(ProcessTools.Diagnostics, "0");
        return start;
    }
}
