using System.Globalization;
using System.Text;
using Gemini.Interfaces.Files;

namespace Gemini.Silo.Trainers;

/// <summary>
/// The files that a trainer process writes its output to. It has them open itself, never through a pipe, because it must be
/// able to write when the silo is gone.
/// </summary>
/// <remarks>
/// A log never keeps a trainer from training: if the files cannot be had, the output goes to <c>/dev/null</c>, and
/// <see cref="Problem"/> says why. They may be on a file system that hangs, so every member may block.
/// </remarks>
internal sealed class TrainerLogs
{
    /// <summary>A log that is longer when a trainer starts is moved aside first, so that the logs stay bounded.</summary>
    private const long MaxLogBytes = 16 << 20;

    /// <summary>Enough for the stack of a program that dies: the line that says why is above it.</summary>
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

    /// <summary>The end of what was written to standard error since <see cref="Prepare(string, int)"/>; empty if it cannot be read.</summary>
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
            // The cause is for people, who are told the path as well.
            return "";
        }
    }

    private static string Prepare(string path)
    {
        var file = new FileInfo(path);
        if (file is { Exists: true, Length: > MaxLogBytes }) file.MoveTo(path + ".1", overwrite: true);
        // Losses and paths of a job are nobody else's business. The shell appends to the file that is made here.
        PrivateFile.OpenOrCreate(path).Dispose();
        return Path.GetFullPath(path);
    }
}
