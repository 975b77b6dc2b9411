namespace Gemini.Silo.Memory;

/// <summary>Ids of this subsystem's log messages: 1000 to 1099. Never used twice.</summary>
internal static class MemoryEventIds
{
    public const int SegmentAdopted = 1000;
    public const int SegmentDeleted = 1001;
    public const int ShardResident = 1002;
    public const int ShardReleased = 1003;
    public const int CopyQuarantined = 1004;
    public const int FenceRaised = 1005;
    public const int CopyDiscarded = 1006;
    public const int SegmentSetAside = 1007;
    public const int ChunkRepaired = 1030;
    public const int GuestsReleased = 1031;
    public const int ChunkRotten = 1032;
    public const int FileLost = 1034;
    public const int FileRestored = 1035;
    public const int MemoryEndangered = 1036;
}
