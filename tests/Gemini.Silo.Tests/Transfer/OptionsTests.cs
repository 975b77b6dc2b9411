using Gemini.Silo.Memory;
using Gemini.Silo.Transfer;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>Options that cannot work are refused by name, value and rule.</summary>
public sealed class OptionsTests
{
    [Fact]
    public void Validate_Defaults_AreGood()
    {
        Assert.True(new TransferOptionsValidator().Validate(null, new TransferOptions()).Succeeded);
        Assert.True(new HostMemoryOptionsValidator().Validate(null, new HostMemoryOptions()).Succeeded);
    }

    [Fact]
    public void Validate_EveryBrokenRule_IsNamed()
    {
        var transfer = new TransferOptions
        {
            ConnectTimeout = TimeSpan.Zero,
            CaptureStallTimeout = TimeSpan.FromSeconds(9),
            RetryDelayMaximum = TimeSpan.FromMilliseconds(1),
            ConnectionsMaximum = 0,
        };
        Assert.Equal(
            [
                "ConnectTimeout is 00:00:00; it must be above zero.",
                "CaptureStallTimeout is 00:00:09; it must be below ChunkTimeout, 00:00:05, or receivers give up first. Lower the one or raise the other.",
                "RetryDelayMaximum is 00:00:00.0010000; it must be at least RetryDelayMinimum, 00:00:00.1000000.",
                "ConnectionsMaximum is 0; it must be 1 to 65535.",
            ],
            new TransferOptionsValidator().Validate(null, transfer).Failures);
        Assert.Equal(
            [
                "LimitBytes is 0; it must be above 0, or absent.",
                "ChunkBytes is 5000; it must be a multiple of 4096 and at most 67108864. Use 1048576 unless measured otherwise.",
            ],
            new HostMemoryOptionsValidator().Validate(null, new HostMemoryOptions { LimitBytes = 0, ChunkBytes = 5000 }).Failures);
    }
}
