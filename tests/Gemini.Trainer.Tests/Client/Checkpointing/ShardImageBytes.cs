using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>A snapshot of an image as bytes, without a segment.</summary>
internal static class ShardImageBytes
{
    /// <summary>The bytes of a snapshot of what the image holds now.</summary>
    public static byte[] Save(this ShardImage image, long iteration)
    {
        image.Stage(iteration);
        return image.Payload();
    }

    /// <summary>The bytes of the snapshot that was staged last.</summary>
    public static byte[] Payload(this ShardImage image)
    {
        var payload = new byte[image.Layout.PayloadBytes];
        image.CopyOut(0, payload);
        return payload;
    }

    public static void Restore(this ShardImage image, byte[] payload)
    {
        image.BeginFill();
        image.CopyIn(0, payload);
        image.Unstage(image.Layout.ReadHeader(image.Header).Values);
    }
}
