using System.CommandLine;
using Gemini.Benchmarks.Overhead;
using Gemini.Silo.Configuration;

namespace Gemini.Benchmarks.Tests.Overhead;

public sealed class OverheadCommandTests
{
    [Theory]
    [InlineData("--load fast", "--load fast is unknown; known are: emulated, emulated-100b, emulated-starved, emulated-moved, cpu.")]
    [InlineData("--topology ring", "--topology ring is unknown; known are: open, fifo, bands, switch.")]
    [InlineData("--mode quick", "--mode quick is unknown")]
    [InlineData("--mode none", "--mode none is always measured; leave it out.")]
    [InlineData("--mode strawman", "--mode Strawman needs storage, which overhead does not measure.")]
    [InlineData("--hosts 1", "--hosts is 1, but a replica needs another host; use 2 or more.")]
    [InlineData("--scale 0", "--scale is 0, but times are divided by a number above 0.")]
    [InlineData("--iterations 121", "--iterations is 121, but a run measures 1 to 120 of them.")]
    [InlineData("--model gpt5", "--model gpt5 is unknown")]
    [InlineData("--json /nowhere/at/all.json", "--json /nowhere/at/all.json")]
    public async Task BadInput_IsNamed_BeforeAnythingStarts(string options, string message)
    {
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
        var error = await Assert.ThrowsAsync<BadInputException>(
            () => OverheadCommand.Create().Parse(options).InvokeAsync(configuration, TestContext.Current.CancellationToken));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }
}
