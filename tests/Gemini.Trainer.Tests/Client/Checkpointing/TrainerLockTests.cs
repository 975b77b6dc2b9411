using System.Globalization;
using Gemini.Interfaces.Files;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

public sealed class TrainerLockTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gemini-lock-").FullName;

    private string Name => Path.Combine(_folder, "trainer-0.lock");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Take_AnyContentBefore_HasThisProcessAlone()
    {
        File.WriteAllText(Name, "1234567890123456789");
        using (TrainerLock.Take(Name))
            Assert.Equal($"{Name} is locked: another trainer of this host and index is running.", Assert.Throws<IOException>(() => TrainerLock.Take(Name)).Message);

        Assert.Equal(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), File.ReadAllText(Name));
        using var next = TrainerLock.Take(Name);
    }

    [Fact]
    public void Take_NewFile_IsPrivate()
    {
        using var taken = TrainerLock.Take(Name);
        Assert.Equal(PrivateFile.Mode, File.GetUnixFileMode(Name));
    }

    [Fact]
    public void EnsureFile_FileIsThere_ChangesNothing()
    {
        using var taken = TrainerLock.Take(Name);
        var before = FileStatus.Of(Name)!.Value.Inode;
        taken.EnsureFile();
        Assert.Equal(before, FileStatus.Of(Name)!.Value.Inode);
        Assert.Throws<IOException>(() => TrainerLock.Take(Name));
    }

    [Fact]
    public void EnsureFile_AnotherTrainerHasMadeTheFile_SaysSo()
    {
        using var first = TrainerLock.Take(Name);
        File.Delete(Name);
        using var second = TrainerLock.Take(Name);

        Assert.Equal($"{Name} is locked: another trainer of this host and index is running.", Assert.Throws<IOException>(first.EnsureFile).Message);
        second.EnsureFile();
    }

    [Fact]
    public void EnsureFile_FileWasDeleted_IsLockedUnderItsNameAgain()
    {
        using (var taken = TrainerLock.Take(Name))
        {
            File.Delete(Name);
            taken.EnsureFile();
            Assert.Throws<IOException>(() => TrainerLock.Take(Name));
        }

        using var next = TrainerLock.Take(Name);
    }
}
