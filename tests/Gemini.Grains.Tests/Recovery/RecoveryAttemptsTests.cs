using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

public sealed class RecoveryAttemptsTests
{
    private static readonly HostName First = new("h1");
    private static readonly HostName Second = new("h2");

    [Fact]
    public void WaitFor_AttemptAfterAttempt_DoublesUpToTenSeconds()
    {
        var attempts = new RecoveryAttempts(earlier: 0, culpritAttempts: 3, pauseLimit: 10_000);
        var waits = new List<long> { attempts.WaitFor(0) };
        var now = 0L;
        for (var count = 0; count < 9; count++)
        {
            attempts.Begin([First], now);
            waits.Add(attempts.WaitFor(now));
            now += waits[^1];
            Assert.Equal(0, attempts.WaitFor(now));
        }

        Assert.Equal([0, 0, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000], waits);
    }

    [Fact]
    public void Succeed_TheNextFailureIsRecoveredFromAtOnce()
    {
        var attempts = new RecoveryAttempts(earlier: 7, culpritAttempts: 3, pauseLimit: 10_000);
        attempts.Begin([First], 0);
        Assert.True(attempts.WaitFor(0) > 0);

        attempts.Succeed();
        attempts.Begin([First], 0);

        Assert.Equal(0, attempts.WaitFor(0));
    }

    [Fact]
    public void IsCulprit_ThirdFailureOfOneHost_ButNotOfSeveral()
    {
        var attempts = new RecoveryAttempts(earlier: 0, culpritAttempts: 3, pauseLimit: 10_000);
        attempts.Begin([First], 0);
        Assert.False(attempts.IsCulprit(First));
        attempts.Begin([First], 0);
        Assert.True(attempts.IsCulprit(First));
        Assert.False(attempts.IsCulprit(Second));

        attempts.Begin([First, Second], 0);

        Assert.False(attempts.IsCulprit(First));
    }
}
