using System.Diagnostics;
using Gemini.Interfaces.Files;
using Gemini.Silo.Trainers;

namespace Gemini.Silo.Tests.Trainers;

public sealed class TrainerLockFileTests : IDisposable
{
    private readonly string _path = Path.Combine("/dev/shm", $"gemini-lock-{Environment.ProcessId}");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task Holder_IsWhoTheKernelSays_NotWhoTheFileSays()
    {
        var file = new TrainerLockFile(_path);
        using (var held = PrivateFile.OpenOrCreate(_path))
        {
            RandomAccess.Write(held, "1"u8, 0);
            Assert.Equal((0, false), (file.HolderProcessId(), file.IsHeld()));
            // A process that is just being started has the locks of this one until it runs its program: here that of the look.
            await Wait.UntilAsync(() => PrivateFile.TryLock(held), "the lock to be free");
            Assert.Equal((true, Environment.ProcessId), (file.IsHeld(), file.HolderProcessId()));
        }

        await Wait.UntilAsync(() => (file.HolderProcessId(), file.IsHeld()) == (0, false), "the end of the lock");
    }

    [Fact]
    public async Task Holder_IsAnotherProcess_IsKilled()
    {
        PrivateFile.OpenOrCreate(_path).Dispose();
        var file = new TrainerLockFile(_path);
        using var other = Process.Start("flock", ["--no-fork", _path, "sleep", "60"]);
        await Wait.UntilAsync(() => file.HolderProcessId() == other.Id, "the other process to hold the lock");

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
