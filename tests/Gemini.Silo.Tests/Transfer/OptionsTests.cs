using Gemini.Silo.Transfer;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>Options that cannot work are refused. The message has the name, the value, the rule and the fix.</summary>
public sealed class OptionsTests
{
    [Fact]
    public void Validate_Defaults_AreGood() => Assert.Empty(TransferOptionsValidator.Validate(new TransferOptions()));

    [Fact]
    public void Validate_EveryBrokenRule_IsNamed()
    {
        var transfer = new TransferOptions
        {
            ConnectTimeout = TimeSpan.Zero,
            CheckTimeout = TimeSpan.FromDays(8),
            CaptureStallTimeout = TimeSpan.FromSeconds(9),
            RetryDelayMaximum = TimeSpan.FromMilliseconds(1),
            ConnectionsMaximum = 0,
            HandshakesMaximum = 65536,
        };
        Assert.Equal(
            [
                "advanced.transfer.connectTimeoutSeconds is 0, but must be above 0 and at most a week; use a number such as 1",
                "advanced.transfer.checkTimeoutSeconds is 691200, but must be above 0 and at most a week; use a number such as 30",
                "advanced.transfer.checkTimeoutMaximumSeconds is 1800, but must be at least checkTimeoutSeconds, 691200, and at most a week; raise it",
                "advanced.transfer.captureStallTimeoutSeconds is 9, but must be below chunkTimeoutSeconds, 5, because otherwise receivers time out first; "
                    + "lower it, or raise chunkTimeoutSeconds",
                "advanced.transfer.retryDelayMaximumSeconds is 0.001, but must be at least retryDelayMinimumSeconds, 0.1, and at most a week; raise it",
                "advanced.transfer.connectionsMaximum is 0, but must be 1 to 65535; use a number such as 256",
                "advanced.transfer.handshakesMaximum is 65536, but must be 1 to 65535; use a number such as 64",
            ],
            TransferOptionsValidator.Validate(transfer));
    }
}
