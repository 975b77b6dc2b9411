namespace Gemini.Silo.Persistence;

/// <summary>Ids of this subsystem's log messages: 1200 to 1299. Never used twice.</summary>
internal static class PersistenceEventIds
{
    public const int Staged = 1200;
    public const int Missed = 1201;
    public const int Stored = 1202;
    public const int Completed = 1203;
    public const int WriteFailed = 1204;
    public const int WriteWorksAgain = 1205;
    public const int Looked = 1206;
    public const int Refused = 1207;
    public const int Loaded = 1208;
    public const int LoadFailed = 1209;
    public const int NotTidied = 1210;
}
