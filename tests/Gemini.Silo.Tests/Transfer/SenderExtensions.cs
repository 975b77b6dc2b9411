using Gemini.Interfaces.Model;
using Gemini.Silo.Transfer;

namespace Gemini.Silo.Tests.Transfer;

internal static class SenderExtensions
{
    /// <summary>Offers and waits until the holder has acknowledged that snapshot.</summary>
    public static async Task OfferAndAwaitAsync(this ReplicaSender sender, SnapshotId snapshot, long keep = 0)
    {
        sender.Offer(snapshot, snapshot.Epoch, new Iteration(keep));
        await sender.AckAsync(snapshot);
    }

    public static Task AckAsync(this ReplicaSender sender, SnapshotId snapshot) =>
        Wait.UntilAsync(() => sender.AckedSnapshot == snapshot, $"{snapshot} acknowledged by {sender.Holder}; its problem is '{sender.Reason()}'");

    /// <summary>Why the last attempt failed; empty if there is no problem.</summary>
    public static string Reason(this ReplicaSender sender) => sender.Problem?.Reason ?? "";
}
