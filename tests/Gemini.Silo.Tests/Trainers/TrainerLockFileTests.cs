using System.Diagnostics;
using Gemini.Interfaces.Files;
using Gemini.Silo.Trainers;

namespace Gemini.Silo.Tests.Trainers;

public sealed class TrainerLockFileTests : IDisposable
{
    private readonly string _path = Path.Combine("/dev/shm", $"gemini-lock-{Environment.ProcessId}");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Holder_IsWhoTheKernelSays_NotWhoTheFileSays()
    {
        var file = new TrainerLockFile(_path);
        using (var held = PrivateFile.OpenOrCreate(_path))
        {
            RandomAccess.Write(held, "1"u8, 0);
            Assert.Equal((false, 0), (file.IsHeld(), file.HolderProcessId()));
            Assert.True(PrivateFile.TryLock(held));
            Assert.Equal((true, Environment.ProcessId), (file.IsHeld(), file.HolderProcessId()));
        }

        Assert.Equal((false, 0), (file.IsHeld(), file.HolderProcessId()));
    }

    [Fact]
    public void Holder_IsAnotherProcess_IsKilled()
    {
        PrivateFile.OpenOrCreate(_path).Dispose();
        var file = new TrainerLockFile(_path);
        using var other = Process.Start("flock", ["--no-fork", _path, "sleep", "60"]);
        Assert.True(SpinWait.SpinUntil(file.IsHeld, SupervisorFixture.Limit));
        Assert.Equal(other.Id, file.HolderProcessId());

        file.KillHolder();

        Assert.True(other.WaitForExit(SupervisorFixture.Limit));
        Assert.False(file.IsHeld());
    }

    [Theory]
    [InlineData("1: FLOCK  ADVISORY  WRITE 1234 00:19:5678 0 EOF", 1234)]
    [InlineData("1: FLOCK  ADVISORY  WRITE 0 00:19:5678 0 EOF", 0)]
    [InlineData("1: FLOCK  ADVISORY  WRITE 1234 00:19:567 0 EOF", 0)]
    [InlineData("1: POSIX  ADVISORY  WRITE 1234 00:19:5678 0 EOF", 0)]
    [InlineData("1: -> FLOCK  ADVISORY  WRITE 1234 00:19:5678 0 EOF", 0)]
    [InlineData("", 0)]
    public void ProcLocks_Line_NamesTheHolder(string line, int holder) =>
        Assert.Equal(holder, TrainerLockFile.HolderProcessId([line], new FileStatus { DeviceMajor = 0, DeviceMinor = 0x19, Inode = 5678 }));
}
