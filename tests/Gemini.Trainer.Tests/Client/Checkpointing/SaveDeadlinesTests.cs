using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>How long a session waits for a capture and for a commit: by bytes, and by the rates of earlier ones.</summary>
public sealed class SaveDeadlinesTests
{
    private const long Bytes = 4_000_000_000;

    private readonly SettableTime _time = new();
    private readonly GeminiOptions _options;
    private readonly SaveDeadlines _deadlines;

    public SaveDeadlinesTests()
    {
        _options = SessionFixture.LeastOptions(socketPath: "x", lockPath: "x") with { TimeProvider = _time };
        _deadlines = new SaveDeadlines(_options);
    }

    [Fact]
    public void NothingMeasured_TheBytesCountAtTheAssumedRate()
    {
        Assert.Equal((30 + 40, 60 + 40), (_deadlines.OfCapture(Bytes).TotalSeconds, _deadlines.OfCommit(Bytes).TotalSeconds));
        Assert.Equal((30, 60), (_deadlines.OfCapture(0).TotalSeconds, _deadlines.OfCommit(0).TotalSeconds));
    }

    [Fact]
    public void EarlierSaves_DecideTheRate_EachOfItsOwnKind()
    {
        var begunAt = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(1));
        _deadlines.Captured(Bytes, begunAt);
        _time.Advance(TimeSpan.FromSeconds(4));
        _deadlines.Committed(Bytes, begunAt);
        Assert.Equal((30 + 4, 60 + 20), (_deadlines.OfCapture(Bytes).TotalSeconds, _deadlines.OfCommit(Bytes).TotalSeconds));
    }

    [Fact]
    public void TheCeilingsAreOptions()
    {
        var deadlines = new SaveDeadlines(
            _options with { CaptureWaitMaximum = TimeSpan.FromSeconds(50), CompletionWaitMaximum = TimeSpan.FromSeconds(70) });
        Assert.Equal((50, 70), (deadlines.OfCapture(long.MaxValue).TotalSeconds, deadlines.OfCommit(long.MaxValue).TotalSeconds));
    }

    private sealed class SettableTime : TimeProvider
    {
        private long _now;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan time) => _now += (long)(time.TotalSeconds * TimestampFrequency);
    }
}
