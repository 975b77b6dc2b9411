using System.Globalization;
using System.Text;
using Gemini.Interfaces.Files;

namespace Gemini.Silo.Trainers;

/// <summary>
/// The files to which a trainer process writes its output. The process opens them itself and uses no pipe, because it must be able to write if the
/// silo is lost.
/// </summary>
/// <remarks>
/// A log never prevents a trainer from training. If the files cannot be opened, the output goes to <c>/dev/null</c>, and <see cref="Problem"/> says
/// why. The files may be on a file system that hangs, so every member may block.
/// </remarks>
internal sealed class TrainerLogs
{
    /// <summary>If a log is longer than this when a trainer starts, it is moved aside first. So the logs stay bounded.</summary>
    internal const long MaxLogBytes = 16 << 20;

    /// <summary>Enough for the whole stack of a program that dies: the line that says why is above the stack.</summary>
    private const int TailBytes = 64 << 10;

    private const string Nowhere = "/dev/null";

    private readonly long _errorStart;

    private TrainerLogs(string output, string errors, long errorStart, string? problem) =>
        (Output, Errors, _errorStart, Problem) = (output, errors, errorStart, problem);

    /// <summary>Absolute path.</summary>
    public string Output { get; }

    /// <summary>Absolute path.</summary>
    public string Errors { get; }

    /// <summary>Why the output is lost; null: it is kept.</summary>
    public string? Problem { get; }

    /// <summary>Makes the folder and the files if they are missing.</summary>
    public static TrainerLogs Prepare(string directory, int localIndex)
    {
        try
        {
            Directory.CreateDirectory(directory, PrivateFolder.Mode);
            var name = string.Create(CultureInfo.InvariantCulture, $"trainer-{localIndex}");
            var output = Prepare(Path.Combine(directory, name + ".out.log"));
            var errors = Prepare(Path.Combine(directory, name + ".err.log"));
            return new TrainerLogs(output, errors, new FileInfo(errors).Length, problem: null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new TrainerLogs(Nowhere, Nowhere, 0, $"{directory} cannot be written: {error.Message}");
        }
    }

    /// <summary>The last part of the standard error since <see cref="Prepare(string, int)"/>; empty if it cannot be read.</summary>
    public string ErrorTail()
    {
        if (Problem is not null) return "";
        try
        {
            using var stream = new FileStream(Errors, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            stream.Position = Math.Max(_errorStart, stream.Length - TailBytes);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            return reader.ReadToEnd();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The cause is only for people, and they are told the path too.
            return "";
        }
    }

    private static string Prepare(string path)
    {
        var file = new FileInfo(path);
        if (file is { Exists: true, Length: > MaxLogBytes }) file.MoveTo(path + ".1", overwrite: true);
        // Losses and paths of a job are private to this user. The file is made here, and the shell appends to it.
        PrivateFile.OpenOrCreate(path).Dispose();
        return Path.GetFullPath(path);
    }
}
