namespace Gemini.Silo;

/// <summary>
/// The ids of all log messages of this project. An id belongs to one message for ever: operators filter and alert by it. So an id is never given to
/// another message, and a message that is gone takes its id with it.
/// </summary>
internal static class EventIds
{
    // Memory
    public const int SegmentAdopted = 1000;
    public const int SegmentDeleted = 1001;
    public const int ShardResident = 1002;
    public const int ShardReleased = 1003;
    public const int CopyQuarantined = 1004;
    public const int EpochFloorRaised = 1005;
    public const int CopyDiscarded = 1006;
    public const int SegmentSetAside = 1007;
    public const int ChunkRepaired = 1030;
    public const int GuestsReleased = 1031;
    public const int ChunkRotten = 1032;
    public const int FileLost = 1034;
    public const int FileRestored = 1035;
    public const int MemoryEndangered = 1036;

    // Transfer
    public const int DataPortListening = 1100;
    public const int PeerRefused = 1101;
    public const int TransferRefused = 1102;
    public const int SessionEnded = 1103;
    public const int DataPortAcceptFailed = 1104;
    public const int SessionFailed = 1105;
    public const int SenderProblem = 1106;
    public const int ReplicaAcked = 1107;
    public const int SenderFailed = 1108;
    public const int FetchEnded = 1109;
    public const int PathMeasured = 1110;
    public const int PathUnmeasured = 1111;
    public const int TrafficThrottled = 1112;
    public const int RehearsalFailed = 1113;
    public const int SourceChecked = 1130;
    public const int ChunkFetched = 1131;
    public const int FetchFailed = 1132;

    // Persistence
    public const int PersistStaged = 1200;
    public const int PersistMissed = 1201;
    public const int PersistStored = 1202;
    public const int PersistCompleted = 1203;
    public const int WriteFailed = 1204;
    public const int WriteWorksAgain = 1205;
    public const int StoreLooked = 1206;
    public const int StoreRefused = 1207;
    public const int StorageLoaded = 1208;
    public const int LoadFailed = 1209;
    public const int NotTidied = 1210;

    // Trainers
    public const int TrainerSocketAcceptFailed = 3001;
    public const int TrainerSocketRefused = 3002;
    public const int ConnectionFailed = 3003;
    public const int SocketRestored = 3004;
    public const int TrainerStarted = 3010;
    public const int TrainerAwaited = 3011;
    public const int TrainerConnected = 3012;
    public const int TrainerRefused = 3013;
    public const int BadLine = 3014;
    public const int TrainerKilled = 3015;
    public const int TrainerExited = 3016;
    public const int TrainerProblem = 3017;
    public const int LoopFailed = 3018;
    public const int OutputLost = 3019;
    public const int RestartsLater = 3020;
    public const int SpareStarted = 3040;
    public const int SpareTaken = 3041;
    public const int SpareRefused = 3042;
    public const int NotStarted = 3043;

    // Hosting
    public const int CrashRefused = 3100;
    public const int NotChecked = 3101;
    public const int DepartureAsks = 3110;
    public const int MemoryOnly = 3111;
    public const int MayLeave = 3112;
    public const int NotSaved = 3113;
    public const int JobEnded = 3114;
    public const int DepartureRestart = 3115;
    public const int MembershipRestored = 3120;
    public const int NotRead = 3121;
    public const int ReadAgain = 3122;
    public const int HostNotice = 3170;
    public const int CallGuardRefused = 3180;
    public const int HostFatal = 3231;
}
