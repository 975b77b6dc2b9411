namespace Gemini.Trainer.Tests;

/// <summary>The README's example is a program that CI builds and a test runs.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public void Loop_IsTheTextOfTheSample()
    {
        var readme = File.ReadAllText(Repository.PathOf("README.md"));
        var sample = File.ReadAllText(Repository.PathOf("deploy/samples/MyLoop/Program.cs"));
        Assert.Contains($"```csharp\n{sample}```", readme, StringComparison.Ordinal);
    }
}
