using System.IO.Hashing;

namespace Gemini.Silo.Tests.Transfer;

public sealed class DataConnectionTests
{
    /// <summary>Less than a piece, exactly one, and several with a short last one.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(256 * 1024)]
    [InlineData((3 * 256 * 1024) + 17)]
    public async Task ReceiveHashedAsync_AnyLength_StoresTheBytesAndReturnsTheirHash(int length)
    {
        using var pair = await ConnectedPair.OpenAsync(TimeProvider.System);
        pair.Tested.Arm(Wait.Limit);
        var sent = new byte[length];
        new Random(length).NextBytes(sent);
        var received = new byte[length];

        // Twice, because a connection reuses what it hashes with.
        for (var round = 0; round < 2; round++)
        {
            Array.Clear(received);
            var hash = pair.Tested.ReceiveHashedAsync(received).AsTask();
            await pair.Peer.SendAsync(sent);
            Assert.Equal(XxHash3.HashToUInt64(sent), await hash);
            Assert.Equal(sent, received);
        }
    }
}
