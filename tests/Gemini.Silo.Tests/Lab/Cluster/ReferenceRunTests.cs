using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Tests.Lab.Cluster;

public sealed class ReferenceRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{\"hash\":\"00000000000000ff\"}", 255UL)]
    [InlineData("{\"rank\":1,\"hash\":\"ffffffffffffffff\"}", ulong.MaxValue)]
    public void ParseHash_Good(string line, ulong expected) => Assert.Equal(new ContentHash(expected), ReferenceRun.ParseHash(line));

    [Theory]
    [InlineData("")]
    [InlineData("iteration 4")]
    [InlineData("[1]")]
    [InlineData("{\"hash\":7}")]
    [InlineData("{\"hash\":\"xyz\"}")]
    [InlineData("{}")]
    public void ParseHash_NoHash_IsNull(string line) => Assert.Null(ReferenceRun.ParseHash(line));

    [Fact]
    public async Task Run_EveryRankPrintsItsHash_InTheOrderOfRanks()
    {
        var hashes = await Run("""printf 'working\n{"hash":"000000000000000%s"}\n' "$3" """);

        Assert.Equal([0UL, 1UL, 2UL], hashes.Select(hash => hash.Value));
    }

    [Fact]
    public async Task Run_OneRankFails_EndsTheOthers()
    {
        var error = await Assert.ThrowsAsync<LabException>(() => Run("""[ "$3" = 1 ] && exit 3; exec sleep 300"""));

        Assert.Contains("rank 1", error.Message);
        Assert.Contains("exit code 3", error.Message);
    }

    [Fact]
    public void StateHash_DependsOnTheOrderOfRanks()
    {
        var hash = StateHash.Combine([new ContentHash(1), new ContentHash(2)]);

        Assert.Equal(32, hash!.Length);
        Assert.NotEqual(hash, StateHash.Combine([new ContentHash(2), new ContentHash(1)]));
        Assert.Null(StateHash.Combine([]));
    }

    [Fact]
    public async Task At_AnyIteration_IsThatOfEveryRank()
    {
        await using var run = Of("""case "$*" in *--hashes*) for i in 1 2 3; do printf '{"hash":"%s%s"}\n' "$i" "$3"; done;; esac; echo bye""");
        run.StartWithHashes();

        Assert.Equal([0x20UL, 0x21UL, 0x22UL], (await run.AtAsync(2, TestContext.Current.CancellationToken)).Select(hash => hash.Value));
        Assert.Equal([0x10UL, 0x11UL, 0x12UL], (await run.AtAsync(1, TestContext.Current.CancellationToken)).Select(hash => hash.Value));
        var error = await Assert.ThrowsAsync<LabException>(() => run.AtAsync(4, TestContext.Current.CancellationToken));
        Assert.Equal("rank 0 of the reference run said 'bye' after 3 iterations", error.Message);
    }

    private async Task<IReadOnlyList<ContentHash>> Run(string script)
    {
        await using var run = Of(script);
        return await run.FinishAsync(TimeSpan.FromSeconds(60), _ => { }, TestContext.Current.CancellationToken);
    }

    private ReferenceRun Of(string script)
    {
        var trainer = _folder.WriteProgram("trainer", script);
        return new ReferenceRun(new DemoOptions { Hosts = 3 }, trainer, "key", new FreePorts(1), _folder.Path, TimeProvider.System);
    }
}
