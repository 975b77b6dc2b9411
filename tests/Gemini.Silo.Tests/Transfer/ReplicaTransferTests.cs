using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Memory;
using Gemini.Silo.Tests.Memory;
using Gemini.Silo.Transfer;
using Microsoft.Extensions.Time.Testing;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>One attempt to send a copy to a holder that answers whatever the test says. Time is fake.</summary>
public sealed class ReplicaTransferTests : IAsyncLifetime
{
    private static readonly Rank Zero = new(0);
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(2);
    private static readonly ContentHash Other = new(0xbad);

    private readonly FakeTimeProvider _time = new();
    private readonly TestHost _owner = new();
    private ConnectedPair _wire = null!;
    private ReplicaTransfer _transfer = null!;
    private TrafficGate _gate = TestHost.OpenGate;
    private volatile bool _isWanted = true;

    /// <summary>Long enough for every test in which the holder's answer, and not the clock, must end the transfer.</summary>
    private TransferOptions _options = new() { ChunkTimeout = TimeSpan.FromDays(2), CaptureStallTimeout = TimeSpan.FromDays(1) };

    private DataConnection Holder => _wire.Peer;

    public async ValueTask InitializeAsync()
    {
        _owner.Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        _wire = await ConnectedPair.OpenAsync(_time);
    }

    public async ValueTask DisposeAsync()
    {
        _wire.Dispose();
        await _owner.DisposeAsync();
    }

    public static TheoryData<DataReply, string, bool> FirstAnswers
    {
        get
        {
            var rows = new TheoryData<DataReply, string, bool>();
            foreach (var reason in Enum.GetValues<DataRefusal>().Where(reason => reason != DataRefusal.None))
                rows.Add(DataReply.Refuse(reason), $"the holder refused: {reason}", true);
            rows.Add(new DataReply(DataReplyKind.Sealed), "the holder answered Sealed", false);
            rows.Add(new DataReply(DataReplyKind.Content), "the holder answered Content", false);
            return rows;
        }
    }

    public static TheoryData<DataReply, string, bool> LastAnswers => new()
    {
        { DataReply.Refuse(DataRefusal.HashMismatch), "the holder refused: HashMismatch", true },
        { DataReply.Refuse(DataRefusal.Superseded), "the holder refused: Superseded", false },
        { DataReply.Refuse(DataRefusal.Malformed), "the holder refused: Malformed", false },
        { new DataReply(DataReplyKind.Sealed, Hash: Other), $"the holder sealed {Other}, sent was ", false },
    };

    [Fact]
    public async Task Accepted_SealedWithTheSameHash_IsAckedAndTheConnectionIsClean()
    {
        var hash = _owner.Files.Capture(Zero, 0, Snapshot(1));
        var outcome = Begin(keep: 9);
        Assert.Equal(
            new DataRequest(DataRequestKind.Replicate, Zero, new Epoch(1), Snapshot(1), new Iteration(9), PayloadBytes, ChunkBytes), await RequestAsync());
        await AnswerAsync(new DataReply(DataReplyKind.Accept));
        Assert.Equal(hash.Value, (await ReceiveChunksAsync()).Hash);
        await AnswerAsync(new DataReply(DataReplyKind.Sealed, Hash: hash));

        Assert.Equal(SendOutcome.Acked, await outcome);
        Assert.Equal((true, "", false), (_transfer.IsConnectionClean, _transfer.Problem, _transfer.IsCorrupt));
        Assert.Equal(PayloadBytes, _owner.Counters.Report.SentBytes);
    }

    [Theory]
    [MemberData(nameof(FirstAnswers), DisableDiscoveryEnumeration = true)]
    public async Task FirstAnswer_IsNoAccept_FailsByNameWithoutAChunk(DataReply answer, string problem, bool isClean)
    {
        _owner.Files.Capture(Zero, 0, Snapshot(1));
        var outcome = Begin();
        await RequestAsync();
        await AnswerAsync(answer);

        Assert.Equal((SendOutcome.Failed, problem, isClean), (await outcome, _transfer.Problem, _transfer.IsConnectionClean));
        Assert.True(_transfer.IsAnswered);
        Assert.Equal(0, _owner.Counters.Report.SentBytes);
    }

    [Fact]
    public async Task FirstAnswer_IsNoReply_FailsAndTheConnectionIsNotUsedAgain()
    {
        _owner.Files.Capture(Zero, 0, Snapshot(1));
        var outcome = Begin();
        await RequestAsync();
        await Holder.SendAsync(new byte[DataReply.SizeBytes]);
        Assert.Equal((SendOutcome.Failed, "the answer is no reply", false), (await outcome, _transfer.Problem, _transfer.IsConnectionClean));
    }

    [Fact]
    public async Task FirstAnswer_NeverComes_EndsWithTheChunkTimeoutAndNotBefore()
    {
        _options = _options with { ChunkTimeout = TimeSpan.FromSeconds(5) };
        _owner.Files.Capture(Zero, 0, Snapshot(1));
        var outcome = Begin();
        await RequestAsync();
        _time.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        Assert.False(outcome.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => outcome.WaitAsync(Wait.Limit));
        Assert.False(_transfer.IsAnswered);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Have_CaptureStillRuns_IsComparedOnceItIsSealed(bool isSame)
    {
        using var trainer = BeginCapture();
        var outcome = Begin();
        await RequestAsync();
        for (var index = 1; index < trainer.Segment.ChunkCount; index++) trainer.WriteChunk(index);
        var expected = trainer.Segment.HashOfChunkTable();
        await AnswerAsync(new DataReply(DataReplyKind.Have, Hash: isSame ? expected : Other));
        await TickAsync(() => _transfer.IsAnswered, "the answer");
        Assert.False(outcome.IsCompleted);
        Assert.Equal(expected, trainer.Segment.Seal());
        await TickAsync(() => outcome.IsCompleted, "the comparison");

        Assert.Equal(isSame ? SendOutcome.Acked : SendOutcome.Failed, await outcome);
        Assert.Equal(isSame ? "" : $"the holder has this snapshot with hash {Other}, here it is {expected}", _transfer.Problem);
        Assert.True(_transfer.IsConnectionClean);
    }

    [Theory]
    [MemberData(nameof(LastAnswers), DisableDiscoveryEnumeration = true)]
    public async Task LastAnswer_IsNotThatHash_FailsByName(DataReply answer, string problem, bool isCorrupt)
    {
        _owner.Files.Capture(Zero, 0, Snapshot(1));
        var outcome = Begin();
        await AcceptAsync();
        await ReceiveChunksAsync();
        await AnswerAsync(answer);

        Assert.Equal((SendOutcome.Failed, isCorrupt, false), (await outcome, _transfer.IsCorrupt, _transfer.IsConnectionClean));
        Assert.StartsWith(problem, _transfer.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LastAnswer_IsNoReply_Fails()
    {
        _owner.Files.Capture(Zero, 0, Snapshot(1));
        var outcome = Begin();
        await AcceptAsync();
        await ReceiveChunksAsync();
        await Holder.SendAsync(new byte[DataReply.SizeBytes]);
        Assert.Equal((SendOutcome.Failed, "the answer is no reply"), (await outcome, _transfer.Problem));
    }

    /// <summary>While the sender waits for the trainer, a refusal ends the transfer at once.</summary>
    [Theory]
    [InlineData(DataRefusal.StaleEpoch, false)]
    [InlineData(DataRefusal.Superseded, false)]
    [InlineData(DataRefusal.HashMismatch, true)]
    public async Task AnswerDuringTheCapture_EndsTheTransferByName(DataRefusal reason, bool isCorrupt)
    {
        using var trainer = BeginCapture();
        var outcome = Begin();
        await AcceptAsync();
        await ReceiveChunkAsync();
        await AnswerAsync(DataReply.Refuse(reason));
        await TickAsync(() => outcome.IsCompleted, "the end of the transfer");

        Assert.Equal((SendOutcome.Failed, $"the holder ended the transfer: {reason}"), (await outcome, _transfer.Problem));
        Assert.Equal((isCorrupt, false), (_transfer.IsCorrupt, _transfer.IsConnectionClean));
        Assert.Equal(ChunkBytes, _owner.Counters.Report.SentBytes);
    }

    [Fact]
    public async Task AnswerDuringTheCapture_IsNoReply_EndsTheTransfer()
    {
        using var trainer = BeginCapture();
        var outcome = Begin();
        await AcceptAsync();
        await ReceiveChunkAsync();
        await Holder.SendAsync(new byte[DataReply.SizeBytes]);
        await TickAsync(() => outcome.IsCompleted, "the end of the transfer");
        Assert.Equal((SendOutcome.Failed, "the answer is no reply"), (await outcome, _transfer.Problem));
    }

    [Fact]
    public async Task HolderIsGone_DuringTheCapture_IsAConnectionFailure()
    {
        using var trainer = BeginCapture();
        var outcome = Begin();
        await AcceptAsync();
        await ReceiveChunkAsync();
        Holder.Dispose();
        await TickAsync(() => outcome.IsCompleted, "the end of the transfer");
        var error = await Record.ExceptionAsync(() => outcome);
        Assert.True(error is not null && DataConnection.IsConnectionFailure(error), $"it is {error}");
        Assert.False(_transfer.IsConnectionClean);
    }

    [Fact]
    public async Task NotWanted_BeforeTheRequest_SendsNothing()
    {
        _owner.Files.Capture(Zero, 0, Snapshot(1));
        _isWanted = false;
        Assert.Equal(SendOutcome.Superseded, await Begin());
        _wire.Tested.Dispose();
        await Assert.ThrowsAsync<EndOfStreamException>(() => Holder.ReceiveFrameAsync(1).AsTask());
    }

    [Fact]
    public async Task NotWanted_DuringTheCapture_IsSupersededAndTheConnectionMustBeClosed()
    {
        using var trainer = BeginCapture();
        var outcome = Begin();
        await AcceptAsync();
        await ReceiveChunkAsync();
        _isWanted = false;
        await TickAsync(() => outcome.IsCompleted, "the end of the transfer");
        Assert.Equal((SendOutcome.Superseded, false), (await outcome, _transfer.IsConnectionClean));
    }

    [Fact]
    public async Task TrainerGivesTheSnapshotUp_IsSuperseded()
    {
        using var trainer = BeginCapture();
        var outcome = Begin();
        await AcceptAsync();
        await ReceiveChunkAsync();
        trainer.Begin(Snapshot(2));
        await TickAsync(() => outcome.IsCompleted, "the end of the transfer");
        Assert.Equal((SendOutcome.Superseded, ""), (await outcome, _transfer.Problem));
    }

    /// <summary>
    /// The limit is for a capture that stands still. A slow one may take as long as it likes. The times are long, so that the ticks for which the test
    /// waits are short compared with them.
    /// </summary>
    [Fact]
    public async Task Capture_AdvancesBeforeEachLimit_IsSent()
    {
        _options = _options with { CaptureStallTimeout = TimeSpan.FromHours(1), WatermarkPoll = TimeSpan.FromSeconds(1) };
        using var trainer = BeginCapture();
        var outcome = Begin();
        await AcceptAsync();
        await ReceiveChunkAsync();
        for (var index = 1; index < trainer.Segment.ChunkCount; index++)
        {
            _time.Advance(TimeSpan.FromMinutes(40));
            trainer.WriteChunk(index);
            await TickUntilAsync(ReceiveChunkAsync());
        }

        var hash = trainer.Segment.Seal();
        await TickUntilAsync(Holder.ReceiveFrameAsync(ChunkFrame.SizeBytes).AsTask());
        await AnswerAsync(new DataReply(DataReplyKind.Sealed, Hash: hash));
        Assert.Equal((SendOutcome.Acked, ""), (await outcome, _transfer.Problem));
    }

    [Theory]
    [InlineData(1, "the capture makes no progress at 4096 of 38098 bytes")]
    [InlineData(10, "the capture makes no progress at 38098 of 38098 bytes")]
    public async Task Capture_StandsStill_FailsAndSaysWhere(int chunks, string problem)
    {
        _options = _options with { CaptureStallTimeout = StallLimit };
        using var trainer = BeginCapture();
        for (var index = 1; index < chunks; index++) trainer.WriteChunk(index);
        var outcome = Begin();
        await AcceptAsync();
        for (var index = 0; index < chunks; index++) await ReceiveChunkAsync();
        await TickAsync(() => outcome.IsCompleted, "the end of the transfer", TimeSpan.FromMilliseconds(100));
        Assert.Equal((SendOutcome.Failed, problem), (await outcome, _transfer.Problem));
    }

    /// <summary>The holder is told in time, so that it does not give up, and then gets everything.</summary>
    [Fact]
    public async Task TrainingUsesTheNetwork_TheHolderIsToldUntilItEnds()
    {
        using var training = Train();
        training.BeginUse();
        await WaitFramesAsync(count: 2);

        training.EndUse();
        await AssertSentAsync();
    }

    /// <summary>The network is idle, but not for long enough. The next iteration has a span that is.</summary>
    [Fact]
    public async Task TheIdleSpanEndsSoon_WaitsForTheNextOne()
    {
        using var training = Train();
        _time.Advance(TrainingPage.Iteration * 0.985);
        await WaitFramesAsync(count: 1);

        training.BeginIteration();
        await AssertSentAsync();
    }

    [Fact]
    public async Task TrainingUsesTheNetworkForLongerThanAnIteration_SendsAllTheSame()
    {
        using var training = Train();
        training.BeginUse();
        await WaitFramesAsync(count: 1);

        _time.Advance(TrainingPage.Iteration);
        await AssertSentAsync();
    }

    [Fact]
    public async Task TrainingUsesTheNetwork_TheSnapshotIsNotWantedAnyMore_IsSuperseded()
    {
        using var training = Train();
        training.BeginUse();
        var outcome = await WaitFramesAsync(count: 1);

        _isWanted = false;
        await TickUntilAsync(outcome);
        Assert.Equal(SendOutcome.Superseded, await outcome);
    }

    [Fact]
    public async Task ModeThatWaitsForTheCapture_SendsNothingBefore()
    {
        _gate = TestHost.NewGate(CheckpointMode.Unpipelined, _options, _time);
        using var trainer = BeginCapture();
        var outcome = Begin();
        await AcceptAsync();
        var first = ReceiveChunkAsync();
        for (var look = 0; look < 20; look++) _time.Advance(_options.WatermarkPoll);
        Assert.False(first.IsCompleted);

        for (var index = 1; index < trainer.Segment.ChunkCount; index++) trainer.WriteChunk(index);
        var hash = trainer.Segment.Seal();
        await TickUntilAsync(first);
        Assert.Equal(0, (await first).Index);
        // The sender may find its outgoing queue full, and then it looks again.
        var rest = ReceiveChunksAsync(from: 1);
        await TickUntilAsync(rest);
        await rest;
        await AnswerAsync(new DataReply(DataReplyKind.Sealed, Hash: hash));
        Assert.Equal(SendOutcome.Acked, await outcome);
    }

    /// <summary>A snapshot to send, and a trainer in whose iteration the network is idle.</summary>
    private TrainingPage Train()
    {
        _owner.Files.Capture(Zero, 0, Snapshot(1));
        _options = new TransferOptions { ProfileIterations = 1, ChunkTimeout = TimeSpan.FromSeconds(10) };
        var training = new TrainingPage(_time);
        _gate = training.Gate(_options);
        return training;
    }

    /// <summary>Begins the transfer, and receives frames that say that the sender waits.</summary>
    private async Task<Task<SendOutcome>> WaitFramesAsync(int count)
    {
        var outcome = Begin();
        await AcceptAsync();
        for (var frame = 0; frame < count; frame++)
        {
            var next = ReceiveChunkAsync();
            await TickAsync(() => next.IsCompleted, "a wait frame", TimeSpan.FromSeconds(1));
            Assert.Equal(new ChunkFrame(ChunkFrameKind.Wait), await next);
        }

        return outcome;
    }

    private async Task AssertSentAsync()
    {
        var sent = ReceiveChunksAsync();
        await TickUntilAsync(sent);
        Assert.Equal((PayloadBytes + ChunkBytes - 1) / ChunkBytes, (await sent).Index);
    }

    /// <summary>A capture of snapshot 1 in slot 0 whose first chunk is written.</summary>
    private TestTrainer BeginCapture()
    {
        var trainer = _owner.Files.Trainer(Zero, 0);
        trainer.Begin(Snapshot(1));
        trainer.WriteChunk(0);
        return trainer;
    }

    private Task<SendOutcome> Begin(long keep = 0)
    {
        var connector = new DataConnector(TestHost.Secret, Job, _options, _time, _owner.Counters);
        var lease = _owner.Memory.TryFollow(Zero, Snapshot(1))!;
        var offer = new ReplicaOffer(Snapshot(1), new Epoch(1), new Iteration(keep));
        _transfer = new ReplicaTransfer(_wire.Tested, lease, offer, _ => _isWanted, connector, _gate, new HostName("holder"));
        return RunAsync();

        async Task<SendOutcome> RunAsync()
        {
            using (lease) return await Task.Run(_transfer.RunAsync);
        }
    }

    private async Task<DataRequest> RequestAsync()
    {
        await Holder.ReceiveFrameAsync(DataRequest.SizeBytes);
        Assert.True(DataRequest.TryRead(Holder.ReceivedFrame, out var request));
        return request;
    }

    private async Task AnswerAsync(DataReply answer)
    {
        answer.Write(Holder.SendFrame);
        await Holder.SendFrameAsync(DataReply.SizeBytes);
    }

    private async Task AcceptAsync()
    {
        await RequestAsync();
        await AnswerAsync(new DataReply(DataReplyKind.Accept));
        // Until then the sender waits under a deadline of the fake clock, which tests advance.
        await Wait.UntilAsync(() => _transfer.IsAnswered, "the sender to see the answer");
    }

    private async Task<ChunkFrame> ReceiveChunkAsync()
    {
        await Holder.ReceiveFrameAsync(ChunkFrame.SizeBytes);
        Assert.True(ChunkFrame.TryRead(Holder.ReceivedFrame, out var frame));
        if (frame.Kind == ChunkFrameKind.Chunk) await Holder.ReceiveAsync(new byte[frame.LengthBytes]);
        return frame;
    }

    /// <summary>Receives every chunk, in order, and returns the seal.</summary>
    private async Task<ChunkFrame> ReceiveChunksAsync(int from = 0)
    {
        for (var index = from; ; index++)
        {
            var frame = await ReceiveChunkAsync();
            Assert.Equal(index, frame.Index);
            if (frame.Kind == ChunkFrameKind.Seal) return frame;
        }
    }

    private Task TickUntilAsync(Task task) => TickAsync(() => task.IsCompleted, "the next frame");

    /// <summary>Lets the sender look at the watermark again and again.</summary>
    private Task TickAsync(Func<bool> condition, string what, TimeSpan? step = null) => Wait.UntilAsync(
        () =>
        {
            if (!condition()) _time.Advance(step ?? _options.WatermarkPoll);
            return condition();
        },
        what);
}
