using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gemini.Trainer.Client.Collectives;

namespace Gemini.Trainer.Tests.Client.Collectives;

/// <summary>The bytes between the data of two collectives. A change here is a new version of the protocol.</summary>
public sealed class RingFrameTests
{
    [Theory]
    [InlineData("AllGather", "47414752" + "04030201" + "1817161514131211")]
    [InlineData("ReduceScatter", "47415253" + "04030201" + "1817161514131211")]
    public void Frame_Bytes(string kind, string bytes)
    {
        var frame = new RingFrame(Enum.Parse<RingFrame.Kinds>(kind), 0x01020304, 0x1112131415161718);
        Assert.Equal(bytes, Convert.ToHexString(MemoryMarshal.AsBytes(new ReadOnlySpan<RingFrame>(in frame))));
    }

    [Fact]
    public void Frame_HasTheStatedSize() => Assert.Equal(RingFrame.SizeBytes, Unsafe.SizeOf<RingFrame>());
}
