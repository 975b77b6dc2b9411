using System.Diagnostics;

namespace Gemini.Testing;

/// <summary>A folder that is deleted after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("gemini-test-").FullName;

    public string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Writes a shell script that can be run at once, also in the place of an earlier one. Returns its path.</summary>
    /// <remarks>
    /// Another process writes the file. If this one did, a process that is just being started would have the file open, too, until it runs its own
    /// program. Meanwhile the system would refuse to run the script.
    /// </remarks>
    public string WriteProgram(string name, string script)
    {
        var text = Write(name + ".text", $"#!/bin/sh\n{script}\n");
        var path = System.IO.Path.Combine(Path, name);
        using var install = Process.Start("install", ["-m", "700", text, path]);
        install.WaitForExit();
        Assert.Equal(0, install.ExitCode);
        File.Delete(text);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
