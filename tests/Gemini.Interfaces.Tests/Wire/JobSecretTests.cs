using Gemini.Interfaces.Files;
using Gemini.Interfaces.Wire;

namespace Gemini.Interfaces.Tests.Wire;

public sealed class JobSecretTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Key => Path.Combine(_folder.Path, "job.key");

    public void Dispose() => _folder.Dispose();

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
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0x1FF);
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

    [Theory]
    [InlineData(0, false)]
    [InlineData(15, false)]
    [InlineData(16, true)]
    [InlineData(1000, true)]
    public void Secret_OfThisManyBytes_IsTakenOrRefused(int bytes, bool isTaken)
    {
        var error = Record.Exception(() => new JobSecret(new byte[bytes]));
        if (isTaken) Assert.Null(error);
        else Assert.StartsWith($"A job secret has at least 16 bytes; this one has {bytes}.", Assert.IsType<ArgumentException>(error).Message);
    }

    [Fact]
    public void Secret_ItsKeyIsOverwritten_StaysTheSame()
    {
        byte[] key = [.. Enumerable.Repeat((byte)7, 32)];
        var secret = new JobSecret(key);
        var before = ProofOf(secret);
        Array.Clear(key);
        Assert.Equal(before, ProofOf(secret));
    }

    [Fact]
    public void Save_ThenLoad_MakesTheSameProofs()
    {
        var secret = JobSecret.Generate();
        secret.Save(Key);
        Assert.Equal(ProofOf(JobSecret.Load(Key)), ProofOf(JobSecret.LoadOrNone(Key)));
        Assert.NotEqual(ProofOf(JobSecret.Generate()), ProofOf(JobSecret.Load(Key)));
    }

    /// <summary>An editor adds a line end, and people add blanks.</summary>
    [Fact]
    public void Load_WhiteSpaceAroundTheKey_DoesNotCount()
    {
        Write("0123456789abcdef");
        var plain = ProofOf(JobSecret.Load(Key));
        Write(" \t0123456789abcdef \r\n\n");
        Assert.Equal(plain, ProofOf(JobSecret.Load(Key)));
        Assert.Equal(plain, ProofOf(new JobSecret("0123456789abcdef"u8)));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("0123456789abcde\n", 15)]
    [InlineData("                    ", 0)]
    public void Load_TooShort_IsRefusedWithTheLength(string text, int bytes)
    {
        Write(text);
        var refused = Assert.Throws<InvalidDataException>(() => JobSecret.Load(Key));
        Assert.Equal($"The job secret {Key} has {bytes} bytes; at least 16 are needed.", refused.Message);
    }

    [Fact]
    public void Load_NoSuchFile_IsRefusedWithTheFix()
    {
        var refused = Assert.Throws<InvalidDataException>(() => JobSecret.Load(Key));
        Assert.Equal($"The job secret {Key} does not exist. Make one with: head -c 32 /dev/urandom | base64 > {Key}; chmod 600 {Key}", refused.Message);
        Assert.Throws<InvalidDataException>(() => JobSecret.LoadOrNone(Key));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void LoadOrNone_NoPath_IsNone(string? path) => Assert.Same(JobSecret.None, JobSecret.LoadOrNone(path));

    [Fact]
    public void Save_FileExists_IsRefusedAndKept()
    {
        Write("0123456789abcdef");
        Assert.ThrowsAny<IOException>(() => JobSecret.Generate().Save(Key));
        Assert.Equal("0123456789abcdef", File.ReadAllText(Key));
    }

    private void Write(string text)
    {
        File.WriteAllText(Key, text);
        File.SetUnixFileMode(Key, PrivateFile.Mode);
    }

    private static string ProofOf(JobSecret secret) =>
        Convert.ToHexString(MutualProof.OfRing(secret).Prove(HandshakeRole.Client, new byte[32], new byte[32]));
}
