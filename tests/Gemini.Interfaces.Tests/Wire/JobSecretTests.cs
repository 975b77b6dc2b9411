using Gemini.Interfaces.Files;
using Gemini.Interfaces.Wire;

namespace Gemini.Interfaces.Tests.Wire;

public sealed class JobSecretTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gemini-secret-").FullName;

    private string Key => Path.Combine(_folder, "job.key");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Save_ThenLoad_IsTheSameSecretAndPrivate()
    {
        JobSecret.Generate().Save(Key);
        _ = JobSecret.Load(Key);
        Assert.Equal(PrivateFile.Mode, File.GetUnixFileMode(Key));
    }

    [Theory]
    [InlineData(0x180)]
    [InlineData(0x100)]
    public void Load_OnlyTheOwnerMayRead_IsTaken(int mode)
    {
        JobSecret.Generate().Save(Key);
        File.SetUnixFileMode(Key, (UnixFileMode)mode);
        _ = JobSecret.Load(Key);
    }

    [Theory]
    [InlineData(0x1A4, "0644")]
    [InlineData(0x1A0, "0640")]
    [InlineData(0x182, "0602")]
    [InlineData(0x1FF, "0777")]
    public void Load_OthersMayUseIt_IsRefusedWithTheFix(int mode, string text)
    {
        JobSecret.Generate().Save(Key);
        File.SetUnixFileMode(Key, (UnixFileMode)mode);
        var refused = Assert.Throws<InvalidDataException>(() => JobSecret.Load(Key));
        Assert.Equal($"The job secret {Key} has mode {text}, but only its owner may read it. Run: chmod 600 {Key}", refused.Message);
    }

    [Fact]
    public void Load_ThroughALink_LooksAtTheTarget()
    {
        JobSecret.Generate().Save(Key);
        File.CreateSymbolicLink(Key + ".link", Key);
        _ = JobSecret.Load(Key + ".link");
        File.SetUnixFileMode(Key, (UnixFileMode)0x1A4);
        Assert.Throws<InvalidDataException>(() => JobSecret.Load(Key + ".link"));
    }

    [Fact]
    public void Load_AnotherUsersSecret_IsRefused()
    {
        Stranger.SkipUnlessRoot();
        File.SetUnixFileMode(_folder, (UnixFileMode)0x1FF);
        Stranger.Do(() => File.WriteAllText(Key, new string('x', 32)));
        File.SetUnixFileMode(Key, PrivateFile.Mode);
        var refused = Assert.Throws<InvalidDataException>(() => JobSecret.Load(Key));
        Assert.Contains($"belongs to user {Stranger.UserId}", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0u, 0x8120, true)] // root's, 0440: handed out to a group
    [InlineData(0u, 0x8124, false)] // and to everybody
    [InlineData(0u, 0x8130, false)] // the group may write
    [InlineData(12345u, 0x8100, false)]
    public void Problem_SecretOfRoot_MayBeHandedOutToAGroup(uint owner, int mode, bool isTaken)
    {
        Assert.Equal(isTaken, JobSecret.Problem(Key, new FileStatus(owner, 1, mode), user: 1000) is null);
    }
}
