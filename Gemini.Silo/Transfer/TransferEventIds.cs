namespace Gemini.Silo.Transfer;

/// <summary>Ids of this subsystem's log messages: 1100 to 1199. Never used twice.</summary>
internal static class TransferEventIds
{
    public const int Listening = 1100;
    public const int PeerRefused = 1101;
    public const int TransferRefused = 1102;
    public const int SessionEnded = 1103;
    public const int AcceptFailed = 1104;
    public const int SessionFailed = 1105;
    public const int SenderProblem = 1106;
    public const int ReplicaAcked = 1107;
    public const int SenderFailed = 1108;
    public const int FetchEnded = 1109;
    public const int SourceChecked = 1130;
    public const int ChunkFetched = 1131;
    public const int FetchFailed = 1132;
}
