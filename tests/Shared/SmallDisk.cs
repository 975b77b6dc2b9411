using System.Diagnostics;

namespace Gemini.Testing;

/// <summary>A small tmpfs in a folder of its own, which a test can fill. Mounting it needs root. Dispose removes it.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private SmallDisk()
    {
    }

    public string Path => _folder.Path;

    /// <summary>Skips the test if a tmpfs cannot be mounted.</summary>
    /// <param name="options">As <c>mount -o</c> takes them.</param>
    public static SmallDisk Mount(string options)
    {
        var disk = new SmallDisk();
        if (Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", disk.Path)) return disk;
        disk._folder.Dispose();
        Assert.Skip("A small tmpfs cannot be mounted here; it takes root.");
        return disk;
    }

    public void MakeReadOnly() => Assert.True(Run("mount", "-o", "remount,ro", Path));

    public void Dispose()
    {
        Run("umount", "--lazy", Path);
        _folder.Dispose();
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
