namespace Gemini.Trainer.Tests;

/// <summary>The README's example is a program that CI builds and a test runs.</summary>
public sealed class ReadmeTests
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../.."));

    [Fact]
    public void Loop_IsTheTextOfTheSample()
    {
        var readme = File.ReadAllText(Path.Combine(Root, "README.md"));
        var sample = File.ReadAllText(Path.Combine(Root, "deploy/samples/MyLoop/Program.cs"));
        Assert.Contains($"```csharp\n{sample}```", readme, StringComparison.Ordinal);
    }
}
