using Gemini.Interfaces.Model;
using Gemini.Silo.Transfer;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>The rehearsal runs the real code of both sides, so it must succeed in every mode, and must never harm the host.</summary>
public sealed class TransferRehearsalTests
{
    private readonly LogLines<TransferRehearsal> _log = new();

    [Theory]
    [InlineData(CheckpointMode.Gemini)]
    [InlineData(CheckpointMode.Marked)]
    [InlineData(CheckpointMode.Naive)]
    [InlineData(CheckpointMode.Unpipelined)]
    [InlineData(CheckpointMode.Blocking)]
    [InlineData(CheckpointMode.None)]
    public async Task RunAsync_AnyMode_Succeeds(CheckpointMode mode)
    {
        await RunAsync(mode, TestContext.Current.CancellationToken);
        Assert.Empty(_log.All);
    }

    [Fact]
    public async Task RunAsync_HostStops_EndsAndSaysSo()
    {
        await RunAsync(CheckpointMode.Marked, new CancellationToken(canceled: true));
        Assert.StartsWith("The rehearsal of a transfer failed, so the first transfer may be slower: ", Assert.Single(_log.All), StringComparison.Ordinal);
    }

    private Task RunAsync(CheckpointMode mode, CancellationToken ct) =>
        new TransferRehearsal(CheckpointPolicy.Of(mode), new TransferOptions(), TimeProvider.System, _log).RunAsync(ct);
}
