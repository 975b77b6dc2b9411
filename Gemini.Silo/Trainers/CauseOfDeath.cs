using System.Text.RegularExpressions;

namespace Gemini.Silo.Trainers;

/// <summary>Finds the line that says why a program died, in the last part of its standard error. Pure.</summary>
/// <remarks>
/// Most runtimes print a headline ("Unhandled exception. ...") and then a stack; Python prints the stack first and the message last. The last
/// headline wins, because a program may also log errors that it survived. If there is no headline, the last line that is no stack frame is the cause.
/// </remarks>
internal static partial class CauseOfDeath
{
    /// <summary>A longer line is cut, because the line becomes part of a report.</summary>
    private const int MaxLength = 400;

    /// <summary>The cause on one line; empty if the text has no line.</summary>
    public static string Find(string standardError)
    {
        var lines = standardError.Split('\n').Select(line => Colors().Replace(line, "").TrimEnd()).Where(line => line.Length > 0).ToArray();
        for (var index = lines.Length - 1; index >= 0; index--)
        {
            if (Headline(lines, index) is { } cause) return Cut(cause);
        }

        return Cut(Array.FindLast(lines, line => !IsNoise(line)) ?? lines.LastOrDefault() ?? "");
    }

    /// <summary>The cause that the headline at this line names; null if it is no headline.</summary>
    private static string? Headline(string[] lines, int index)
    {
        var line = lines[index].Trim();
        if (DotNet().Match(line) is { Success: true } unhandled) return WithInner(unhandled.Groups[1].Value, lines, index);
        if (Java().Match(line) is { Success: true } java) return WithCauses(java.Groups[1].Value, lines, index);
        if (line.StartsWith("Traceback (most recent call last)", StringComparison.Ordinal)) return AfterTraceback(lines, index);
        if (Cpp().Match(line) is { Success: true } cpp) return WithWhat(cpp.Groups[1].Value, lines, index);
        if (Rust().IsMatch(line)) return index + 1 < lines.Length && !lines[index + 1].StartsWith("note:", StringComparison.Ordinal)
            ? $"{line.TrimEnd(':')}: {lines[index + 1].Trim()}"
            : line;
        return Plain().IsMatch(line) ? line : null;
    }

    /// <summary>.NET puts each inner exception on a line of its own before the stack.</summary>
    private static string WithInner(string outer, string[] lines, int index)
    {
        var cause = outer;
        for (var next = index + 1; next < lines.Length && IsInner(lines[next]); next++) cause += " " + lines[next].Trim();
        return cause;

        static bool IsInner(string line) => line.TrimStart().StartsWith("---> ", StringComparison.Ordinal);
    }

    /// <summary>Java names its causes after the stack. The last one named is the first that happened.</summary>
    private static string WithCauses(string outer, string[] lines, int index)
    {
        const string causedBy = "Caused by: ";
        var root = lines.Skip(index + 1).TakeWhile(line => IsNoise(line) || line.StartsWith(causedBy, StringComparison.Ordinal))
            .LastOrDefault(line => line.StartsWith(causedBy, StringComparison.Ordinal));
        return root is null ? outer : $"{outer}; caused by {root[causedBy.Length..]}";
    }

    /// <summary>The frames are indented. The first line that is not indented names the exception.</summary>
    private static string? AfterTraceback(string[] lines, int index) => lines.Skip(index + 1).FirstOrDefault(line => !char.IsWhiteSpace(line[0]));

    private static string WithWhat(string type, string[] lines, int index)
    {
        const string what = "what():";
        return index + 1 < lines.Length && lines[index + 1].TrimStart().StartsWith(what, StringComparison.Ordinal)
            ? $"{type}: {lines[index + 1].TrimStart()[what.Length..].Trim()}"
            : type;
    }

    private static bool IsNoise(string line) => char.IsWhiteSpace(line[0]) || Noise().IsMatch(line);

    private static string Cut(string line) => line.Length <= MaxLength ? line.Trim() : line[..MaxLength].Trim() + "...";

    /// <summary>Terminal colours.</summary>
    [GeneratedRegex(@"\x1B\[[0-9;]*m")]
    private static partial Regex Colors();

    [GeneratedRegex("^(?:Unhandled exception[.:] ?|Process terminated[.] ?|Fatal error[.] ?)(.+)$", RegexOptions.IgnoreCase)]
    private static partial Regex DotNet();

    [GeneratedRegex("^Exception in thread \"[^\"]*\" (.+)$")]
    private static partial Regex Java();

    [GeneratedRegex(@"^(?:libc\+\+abi: )?terminat(?:e called|ing) (?:after throwing an instance of|(?:due to|with) uncaught exception of type) '?([^']+)'?$")]
    private static partial Regex Cpp();

    [GeneratedRegex("^thread '[^']*' .*panicked at ")]
    private static partial Regex Rust();

    /// <summary>Headlines that already state the cause: those of Go, the C library, the C++ runtime and the .NET runtime.</summary>
    [GeneratedRegex(
        @"^(?:panic: |fatal error: |terminate called without|Stack overflow\.|Out of memory\.|\*\*\* .* detected \*\*\*|double free or corruption"
        + @"|free\(\): |malloc\(|munmap_chunk\(\)|corrupted |realloc\(\))|: Assertion .* failed\.?$")]
    private static partial Regex Plain();

    /// <summary>Lines that follow the message: frames, notes, and lines from a shell or a crash dump tool.</summary>
    [GeneratedRegex(
        @"^(?:at |--- End of |\[createdump\]|Aborted|Segmentation fault|Killed|Terminated|frame #|note: |goroutine |Exception raised from |#\d+ )")]
    private static partial Regex Noise();
}
