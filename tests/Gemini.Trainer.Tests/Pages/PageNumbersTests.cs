using Gemini.Interfaces.SharedMemory;
using Gemini.Trainer.Client.Checkpointing;
using Gemini.Trainer.Client.Collectives;
using static Gemini.Testing.Units;

namespace Gemini.Trainer.Tests.Pages;

/// <summary>The design pages of the trainer's library have the numbers of the code and no others; see <see cref="DesignPage"/>.</summary>
public sealed class PageNumbersTests
{
    private static readonly GeminiOptions Options =
        new() { SocketPath = "x", LockPath = "x", LocalIndex = 0, Host = "a", Gateway = "x", ClusterId = "x", ServiceId = "x" };

    private static readonly DesignPage[] Own =
    [
        new("Gemini.Trainer/Client/Checkpointing/DESIGN.md")
        {
            FromTheCode =
            [
                $"if nothing is committed after {S(Options.CompletionWait)}, or longer for a large state, it logs a line and returns",
                $"says how long the capture wait then lasts: at most {S(Options.SlotWait)} (`SlotWait`)",
                $"A capture that takes longer than {S(Options.CaptureWait)} (`CaptureWait`)",
                $"For each chunk of {MiB(SegmentLayout.DefaultChunkBytes)}:",
                $"| the silo, for more than {S(Options.SiloAbsenceLimit)} |",
                $"the process exits, after {S(Options.ExitGrace)} by force;",
            ],
        },
        new("Gemini.Trainer/Client/Collectives/DESIGN.md")
        {
            FromTheCode =
            [
                $"in chunks of up to {KiB(Ring.ChunkSizeBytes)}.",
                $"Neighbours exchange a frame of {RingFrame.SizeBytes} bytes:",
                // A blocked collective looks once in a slice. The second slice is for the thread's turn.
                $"| within {2 * RingLink.SliceMilliseconds} ms; waits are cut into slices of {RingLink.SliceMilliseconds} ms |",
                $"No collective blocks longer than {2 * RingLink.SliceMilliseconds} ms after an abort.",
            ],
            Others = [("private", "tries again after 20 ms, until cancelled"), ("private", "it is dropped after 2 s")],
        },
    ];

    /// <summary>Numbers of the trainer in other pages. The tests of the silo check the other numbers of these pages.</summary>
    private static readonly DesignPage[] Others =
    [
        new("Gemini.Grains/Commit/DESIGN.md") { FromTheCode = [$"if no slot is free within {S(Options.SlotWait)}"] },
        new("Gemini.Silo/Trainers/DESIGN.md")
        {
            FromTheCode =
            [
                $"Such a trainer tries to connect every {Ms(Options.ReconnectInterval)}",
                $"After {S(Options.SiloAbsenceLimit)} without a silo the trainer exits",
            ],
        },
        new("docs/assumptions.md") { FromTheCode = [$"`CompleteAsync` waits for the last commit for {S(Options.CompletionWait)}, longer only for a large state."] },
    ];

    public static TheoryData<string> OwnPaths => [.. Own.Select(page => page.Path)];

    public static TheoryData<string> OtherPaths => [.. Others.Select(page => page.Path)];

    [Theory]
    [MemberData(nameof(OwnPaths))]
    public void Page_ItsNumbers_AreThoseOfTheCode(string path) => Own.Single(page => page.Path == path).AssertAllNumbers();

    [Theory]
    [MemberData(nameof(OtherPaths))]
    public void OtherPage_TheTrainersNumbers_AreThoseOfTheCode(string path) => Others.Single(page => page.Path == path).AssertFragments();
}
