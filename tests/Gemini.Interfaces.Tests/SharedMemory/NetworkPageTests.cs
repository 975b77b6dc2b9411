using System.Buffers.Binary;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Interfaces.Tests.SharedMemory;

/// <summary>What a trainer stores in its network page, and what its silo reads there. Both map the file as in two processes.</summary>
public sealed class NetworkPageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly NetworkPage _trainer;
    private readonly NetworkPage _silo;

    public NetworkPageTests()
    {
        _trainer = NetworkPage.OpenToWrite(Name, nanoseconds: 1);
        _silo = NetworkPage.OpenToRead(Name);
    }

    private string Name => Path.Combine(_folder.Path, "trainer-0.network");

    public void Dispose()
    {
        _silo.Dispose();
        _trainer.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void NewPage_IsIdle_AndBelongsToThisUserAlone()
    {
        Assert.False(_silo.IsBusy);
        Assert.Null(_silo.Read(0));
        Assert.Equal(PrivateFile.Mode, File.GetUnixFileMode(Name));
        Assert.Equal(NetworkPage.FileBytes, new FileInfo(Name).Length);
    }

    [Fact]
    public void UsesOverlap_TheNetworkIsBusyUntilTheLastOneEnds()
    {
        _trainer.BeginUse(10);
        _trainer.BeginUse(20);
        _trainer.EndUse(30);
        Assert.True(_silo.IsBusy);
        _trainer.EndUse(40);
        Assert.False(_silo.IsBusy);
        Assert.Equal(2, _silo.Changes);
    }

    /// <summary>An iteration begins and ends idle here, so three idle spans lie around two uses.</summary>
    [Fact]
    public void Read_EndedIteration_HasTheIdleSpansInTheirOrder()
    {
        _trainer.BeginIteration(1_000);
        Use(1_500, 2_000);
        Use(5_000, 6_000);
        Assert.Null(_silo.Read(1));
        _trainer.BeginIteration(9_000);
        var iteration = _silo.Read(1)!;
        Assert.Equal(80, iteration.Duration.Ticks);
        Assert.Equal([5L, 30, 30], iteration.Idle.Select(span => span.Ticks));
        Assert.Equal([5L, 10], iteration.Busy.Select(use => use.Ticks));
    }

    /// <summary>A use that lasts from one iteration into the next belongs to both.</summary>
    [Fact]
    public void Read_UseAcrossTheBoundary_IsIdleInNeither()
    {
        _trainer.BeginIteration(1_000);
        _trainer.BeginUse(2_000);
        _trainer.BeginIteration(3_000);
        _trainer.EndUse(4_000);
        _trainer.BeginIteration(6_000);
        Assert.Equal([10L, 0], _silo.Read(1)!.Idle.Select(span => span.Ticks));
        Assert.Equal([10L], _silo.Read(1)!.Busy.Select(use => use.Ticks));
        Assert.Equal([20L], _silo.Read(2)!.Idle.Select(span => span.Ticks));
        Assert.Empty(_silo.Read(2)!.Busy);
    }

    /// <summary>The first iteration begins idle, the second one busy.</summary>
    [Fact]
    public void Now_CountsTheIdleSpansOfTheIteration()
    {
        Assert.Null(_silo.Now());
        _trainer.BeginIteration(1_000);
        Assert.Equal(new NetworkMoment(1, IsBusy: false, Span: 0, 1_000), _silo.Now());
        Use(2_000, 3_000);
        Assert.Equal(new NetworkMoment(1, IsBusy: false, Span: 1, 3_000), _silo.Now());
        _trainer.BeginUse(4_000);
        Assert.Equal(new NetworkMoment(1, IsBusy: true, Span: 1, 4_000), _silo.Now());

        _trainer.BeginIteration(5_000);
        Assert.Equal(new NetworkMoment(2, IsBusy: true, Span: -1, 5_000), _silo.Now());
        _trainer.EndUse(6_000);
        Assert.Equal(new NetworkMoment(2, IsBusy: false, Span: 0, 6_000), _silo.Now());
        _trainer.BeginUse(7_000);
        Assert.Equal(new NetworkMoment(2, IsBusy: true, Span: 0, 7_000), _silo.Now());
    }

    [Fact]
    public void Now_TrainingIsInterrupted_IsNone()
    {
        _trainer.BeginIteration(1_000);
        _trainer.Interrupt();
        Assert.Null(_silo.Now());
    }

    [Fact]
    public void Read_InterruptedIteration_IsNone()
    {
        _trainer.BeginIteration(1_000);
        _trainer.Interrupt();
        _trainer.BeginIteration(5_000);
        _trainer.BeginIteration(6_000);
        Assert.Null(_silo.Read(1));
        Assert.Null(_silo.Read(2));
        Assert.Equal(10, _silo.Read(3)!.Duration.Ticks);
    }

    [Fact]
    public void Read_IterationThatIsNotKeptAnyMore_IsNone()
    {
        for (var iteration = 1; iteration <= NetworkPage.IterationSlots + 1; iteration++) _trainer.BeginIteration(iteration * 1_000);
        Assert.Null(_silo.Read(-1));
        Assert.Null(_silo.Read(1));
        Assert.Equal(10, _silo.Read(_silo.Iterations - 2)!.Duration.Ticks);
        Assert.Null(_silo.Read(_silo.Iterations - 1));
    }

    [Fact]
    public void Read_MoreChangesThanThePageKeeps_IsNone()
    {
        _trainer.BeginIteration(1_000);
        for (var use = 0; use < NetworkPage.ChangeSlots / 2; use++) Use(2_000 + use, 2_000 + use);
        _trainer.BeginIteration(9_000);
        Assert.Null(_silo.Read(1));
        _trainer.BeginIteration(9_500);
        Assert.Equal([5L], _silo.Read(2)!.Idle.Select(span => span.Ticks));
    }

    /// <summary>The writer never waits for a reader, so it may come round while one reads. Then the reader gets nothing, and never a mix.</summary>
    [Fact]
    public async Task Read_WhileTheTrainerWrites_IsWholeOrNothing()
    {
        const int iterations = 200_000;
        var writing = Task.Factory.StartNew(
            () =>
            {
                for (long iteration = 1; iteration <= iterations; iteration++)
                {
                    var start = iteration * 1_000_000;
                    _trainer.BeginIteration(start);
                    for (var use = 0; use < 40; use++) Use(start + (use * 1_000) + 400, start + (use * 1_000) + 1_000);
                }
            },
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var read = 0;
        for (var offset = 2; !writing.IsCompleted; offset = (offset * 7 % 131) + 2)
        {
            if (_silo.Read(_silo.Iterations - offset) is not { } iteration) continue;
            read++;
            Assert.Equal(10_000, iteration.Duration.Ticks);
            Assert.Equal(41, iteration.Idle.Length);
            Assert.All(iteration.Idle.AsSpan(0, 40).ToArray(), span => Assert.Equal(4, span.Ticks));
        }

        await writing;
        Assert.NotEqual(0, read);
    }

    /// <summary>Trainers may be in another language, so every byte has its place in NETWORK.md.</summary>
    [Fact]
    public void Layout_IsThatOfThePage()
    {
        _trainer.BeginIteration(0x1122);
        Use(0x3344, 0x5566);
        var file = File.ReadAllBytes(Name);
        Assert.Equal("GEMININW"u8.ToArray(), file[..8]);
        Assert.Equal([1L, 2, 2], [At(file, 8), At(file, 16), At(file, 24)]);
        Assert.Equal([0L, 0, 0, 0x1122], [At(file, 64), At(file, 72), At(file, 80), At(file, 88)]);
        Assert.Equal([0x3344L, 0x5566], [At(file, 4096), At(file, 4104)]);
        Assert.Equal(69_632, file.Length);
    }

    [Fact]
    public void OpenToWrite_EarlierTrainerDiedInAUse_IsIdleAndOnlyThatIterationIsLost()
    {
        _trainer.BeginIteration(1_000);
        _trainer.BeginUse(2_000);
        using var next = NetworkPage.OpenToWrite(Name, nanoseconds: 7_000);
        Assert.False(_silo.IsBusy);
        next.BeginIteration(8_000);
        next.BeginIteration(9_000);
        Assert.Null(_silo.Read(1));
        Assert.Equal([10L], _silo.Read(3)!.Idle.Select(span => span.Ticks));
    }

    /// <summary>A mapped file that becomes shorter kills its reader (SIGBUS). So a file of another layout is replaced and stays as it is.</summary>
    [Fact]
    public void OpenToWrite_AnotherLayout_MakesANewFileAndLeavesTheMappedOne()
    {
        using (var file = PrivateFile.Open(Name, FileAccess.ReadWrite)) RandomAccess.Write(file, [2, 0, 0, 0], 8);
        _trainer.BeginUse(10);
        using var next = NetworkPage.OpenToWrite(Name, nanoseconds: 20);
        using var reader = NetworkPage.OpenToRead(Name);
        Assert.Equal((true, false), (_silo.IsBusy, reader.IsBusy));
        Assert.False(File.Exists(Name + ".new"));
    }

    [Fact]
    public void OpenToRead_NoPage_SaysSo()
    {
        Assert.ThrowsAny<IOException>(() => NetworkPage.OpenToRead(Name + "x"));
        _folder.Write("other", "text");
        File.SetUnixFileMode(Path.Combine(_folder.Path, "other"), PrivateFile.Mode);
        var error = Assert.Throws<InvalidDataException>(() => NetworkPage.OpenToRead(Path.Combine(_folder.Path, "other")));
        Assert.EndsWith("other is no network page of layout version 1.", error.Message);
    }

    [Fact]
    public void Write_AfterDispose_IsDropped()
    {
        _trainer.BeginUse(10);
        _trainer.Dispose();
        _trainer.EndUse(20);
        _trainer.BeginIteration(30);
        Assert.Equal((1L, 1L), (_silo.Changes, _silo.Iterations));
    }

    private static long At(byte[] file, int offset) => BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(offset));

    private void Use(long from, long to)
    {
        _trainer.BeginUse(from);
        _trainer.EndUse(to);
    }
}
