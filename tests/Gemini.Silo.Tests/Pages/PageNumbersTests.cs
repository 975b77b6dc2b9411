namespace Gemini.Silo.Tests.Pages;

/// <summary>Each design page has the numbers of the code and no others; see <see cref="DesignPage"/>.</summary>
public sealed class PageNumbersTests
{
    /// <summary>Reason: the tests of the trainer compare this number, because only they see its constants.</summary>
    internal const string OfTheTrainer = "a constant of the trainer: Gemini.Trainer.Tests";

    /// <summary>Reason: only the class itself knows the constant.</summary>
    internal const string Private = "private";

    internal const string Measured = "measured";

    private static readonly DesignPage[] Pages = [.. GrainsPages.All, .. SiloPages.All, .. CommonPages.All];

    /// <summary>The pages that other test projects check, in a class of the same name.</summary>
    private static readonly string[] Elsewhere =
    [
        "Gemini.Trainer/Client/Checkpointing/DESIGN.md", "Gemini.Trainer/Client/Collectives/DESIGN.md", "tests/Gemini.Benchmarks/DESIGN.md",
        "tests/Gemini.Simulation/DESIGN.md",
    ];

    public static TheoryData<string> Paths => [.. Pages.Select(page => page.Path)];

    [Theory]
    [MemberData(nameof(Paths))]
    public void Page_ItsNumbers_AreThoseOfTheCode(string path) => Pages.Single(page => page.Path == path).AssertAllNumbers();

    [Fact]
    public void DesignPages_EachIsChecked() => Assert.Equal(DesignPage.All.Order(), Pages.Select(page => page.Path).Concat(Elsewhere).Order());
}
