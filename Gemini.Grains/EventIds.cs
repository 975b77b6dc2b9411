namespace Gemini.Grains;

/// <summary>
/// The ids of all log messages of this project. An id belongs to one message for ever: operators filter and alert by it. So an id is never given to
/// another message, and a message that is gone takes its id with it.
/// </summary>
internal static class EventIds
{
    // Commit
    public const int GroupConflict = 2000;

    // Hosting
    public const int DirectoryEntryRegistered = 2010;
    public const int DirectoryEntryReplaced = 2011;

    // Root
    public const int RootActivated = 2100;
    public const int RootPhase = 2101;
    public const int NotTold = 2102;
    public const int RecordNotRead = 2103;
    public const int RootOvertaken = 2104;
    public const int RootRecovered = 2105;
    public const int RootProgress = 2106;
    public const int RecordReadAgain = 2107;
    public const int NotEvaluated = 2108;
    public const int RootWorksAgain = 2109;
    public const int MachineAsked = 2110;
    public const int MachineSaid = 2111;
    public const int MachineAnswered = 2112;
    public const int GivenUp = 2113;
    public const int SingleCopy = 2140;
    public const int GroupSilent = 2141;
    public const int RootFault = 2150;
    public const int OddHost = 2151;
    public const int RecordLost = 2152;
    public const int RootViolated = 2153;

    // Hosting
    public const int InvariantViolated = 2160;

    // Hosts
    public const int DirectiveDone = 3220;
    public const int DirectiveRejected = 3230;
    public const int HostLoopFailed = 3235;
    public const int HostLoopWorksAgain = 3236;
    public const int TakenIn = 3250;
    public const int GuestRefused = 3251;
    public const int FolderAsked = 3260;
}
