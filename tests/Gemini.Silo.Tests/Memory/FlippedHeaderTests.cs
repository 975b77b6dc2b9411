using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Memory;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Memory;

/// <summary>One flipped bit before the payload is found, or does no harm.</summary>
public sealed class FlippedHeaderTests : IDisposable
{
    private static readonly Rank Zero = new(0);
    private readonly TestMemory _host = new();

    /// <summary>All bytes that a program writes before the payload: the fields of the header, and the table of ten chunks.</summary>
    private static readonly IEnumerable<int> Bytes = Enumerable.Range(0, 160).Concat(Enumerable.Range(SegmentLayout.HeaderBytes, 10 * sizeof(ulong)));

    public void Dispose() => _host.Dispose();

    [Fact]
    public void EveryBit_WhileTheSiloLives_IsFoundOrHarmlessAndTheSlotTakesTheNextCopy()
    {
        _host.Memory.EnsureShard(Zero, PayloadBytes);
        foreach (var (offset, bit) in Bytes.SelectMany(offset => Enumerable.Range(0, 8).Select(bit => (offset, bit))))
        {
            var hash = _host.Capture(Zero, 0, Snapshot(5));
            Flip(offset, bit);

            AssertNeverWrong(_host.Memory, hash, offset, bit);
            TakeCopy(_host.Memory, Snapshot(6));
            Assert.Contains(_host.Memory.Inventory(), copy => copy == new Replica(Zero, Snapshot(6), copy.Hash, PayloadBytes));
            _host.Memory.DiscardAll();
            using var opened = _host.Trainer(Zero, 0);
        }
    }

    [Fact]
    public void EveryBit_WhileTheSiloIsAway_IsFoundOrHarmless()
    {
        foreach (var (offset, bit) in Bytes.SelectMany(offset => Enumerable.Range(0, 8).Select(bit => (offset, bit))))
        {
            _host.Memory.EnsureShard(Zero, PayloadBytes);
            var hash = _host.Capture(Zero, 0, Snapshot(5));
            Flip(offset, bit);

            var memory = _host.Restart();
            memory.Adopt();
            memory.Join(Run);

            AssertNeverWrong(memory, hash, offset, bit);
            memory.EnsureShard(Zero, PayloadBytes);
            memory.DiscardAll();
        }
    }

    [Fact]
    public void OwnerOrHash_Flipped_IsQuarantinedWithTheReason()
    {
        _host.Memory.EnsureShard(Zero, PayloadBytes);
        foreach (var offset in (int[])[16, 24, 32, 40, 56, 64, 128, 144, 152])
        {
            _host.Capture(Zero, 0, Snapshot(5));
            Flip(offset, bit: 0);

            Assert.Empty(_host.Memory.Inventory());

            var damage = _host.Memory.Damages.Newest[^1];
            Assert.Equal((Zero, "its header does not match its check"), (damage.Owner, damage.Reason));
        }
    }

    /// <summary>The silo's next segment in the same file is a snapshot of the right owner, or none at all.</summary>
    private static void AssertNeverWrong(HostMemory memory, ContentHash hash, int offset, int bit)
    {
        var right = new Replica(Zero, Snapshot(5), hash, PayloadBytes);
        foreach (var copy in memory.Inventory()) Assert.True(copy == right, $"bit {bit} of byte {offset} makes {copy}");
        var isOffered = !memory.Inventory().IsEmpty;
        var isInTable = offset >= SegmentLayout.HeaderBytes;
        Assert.Equal(isOffered && !isInTable, memory.Verify(Zero, Snapshot(5), hash, out _));
        if (!isOffered) Assert.Null(memory.TryRead(Zero, Snapshot(5)));
    }

    private static void TakeCopy(HostMemory memory, SnapshotId snapshot)
    {
        using var lease = memory.TryBeginReceive(Request(0, snapshot)).Lease!;
        Receive(lease);
        Assert.Equal(SealOutcome.Sealed, lease.Seal(lease.Slot.Segment.HashOfChunkTable()));
    }

    private void Flip(int offset, int bit)
    {
        using var file = File.OpenHandle(_host.Paths.Segment(Zero, 0), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var value = new byte[1];
        RandomAccess.Read(file, value, offset);
        value[0] ^= (byte)(1 << bit);
        RandomAccess.Write(file, value, offset);
    }
}
