using System.Net;
using System.Text.Json;
using Gemini.Interfaces.Presets;
using Gemini.Trainer.Client.Collectives;
using Gemini.Trainer.Sharding;

namespace Gemini.Trainer.Tests;

/// <summary>The run with which a recovered job is compared, bit for bit.</summary>
[Collection(TorchCollection.Name)]
public sealed class StandaloneRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gemini-run-").FullName;

    public StandaloneRunTests() => File.WriteAllBytes(Corpus, [.. Enumerable.Range(0, 4096).Select(index => (byte)(index * 7))]);

    private string Corpus => Path.Combine(_folder, "text.txt");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Run_Twice_IsTheSameToTheLastBit()
    {
        string[] first = await RunAsync(), again = await RunAsync();
        Assert.Equal(4, first.Length);
        Assert.Equal(first, again);
        using var summary = JsonDocument.Parse(first[^1]);
        Assert.Equal((0, 3L), (summary.RootElement.GetProperty("rank").GetInt32(), summary.RootElement.GetProperty("iteration").GetInt64()));
        Assert.Matches("^[0-9a-f]{16}$", summary.RootElement.GetProperty("hash").GetString());
        Assert.False(summary.RootElement.TryGetProperty("losses", out _));
    }

    /// <summary>The clock advances by a millisecond each time that it is asked.</summary>
    [Fact]
    public async Task Run_EachIteration_IsALineForPeople()
    {
        var lines = await RunAsync();
        for (var iteration = 1; iteration <= 3; iteration++) Assert.Matches($"^iteration {iteration} loss [56]\\.[0-9]{{3}} in 1 ms$", lines[iteration - 1]);
    }

    [Fact]
    public async Task Run_WithLosses_HasThoseOfEveryIteration()
    {
        var lines = await RunAsync(withLosses: true);
        using var summary = JsonDocument.Parse(lines[^1]);
        double[] losses = [.. summary.RootElement.GetProperty("losses").EnumerateArray().Select(loss => loss.GetDouble())];
        Assert.Equal(3, losses.Length);
        for (var index = 0; index < 3; index++) Assert.Contains(FormattableString.Invariant($"loss {losses[index]:0.000} "), lines[index], StringComparison.Ordinal);
    }

    /// <summary>A recovered job is compared at any iteration, and the last one is the summary's.</summary>
    [Fact]
    public async Task Run_WithHashes_EveryIterationHasItsOwn()
    {
        var lines = (await RunAsync(withHashes: true)).Select(line => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(line)!).ToList();
        Assert.Equal([1L, 2, 3, 3], lines.Select(line => line["iteration"].GetInt64()));
        Assert.Equal(3, lines.Select(line => line["hash"].GetString()).Distinct().Count());
        Assert.Equal(lines[2]["hash"].GetString(), lines[3]["hash"].GetString());
        Assert.All(lines, line => Assert.Equal(["hash", "iteration", "rank"], line.Keys.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Run_AnotherSeedOrDropout_IsAnotherRun()
    {
        var first = (await RunAsync())[^1];
        Assert.NotEqual(first, (await RunAsync(training => training with { Seed = 2 }))[^1]);
        Assert.NotEqual(first, (await RunAsync(training => training with { Dropout = 0 }))[^1]);
    }

    [Fact]
    public async Task Run_CancelledWhileItsPeerIsMissing_Ends()
    {
        using var stop = new CancellationTokenSource();
        var running = StartAsync([FreeEndpoint(), FreeEndpoint()], training => training, false, false, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Wait.Limit, Ct));
    }

    private async Task<string[]> RunAsync(Func<TrainingOptions, TrainingOptions>? change = null, bool withLosses = false, bool withHashes = false)
    {
        using var console = new ConsoleText();
        await StartAsync([FreeEndpoint()], change ?? (training => training), withLosses, withHashes, Ct);
        return console.Output;
    }

    private Task StartAsync(string[] endpoints, Func<TrainingOptions, TrainingOptions> change, bool withLosses, bool withHashes, CancellationToken ct)
    {
        var training = change(new TrainingOptions { Model = ModelPresets.Get("gpt2-nano"), Batch = 1, Context = 8 });
        var settings = new TrainerSettings(training, Corpus, Iterations: 3, Threads: 1);
        return new StandaloneRun(settings, new StandaloneSettings(0, endpoints, null, withLosses, withHashes), new HeldTimers()).RunAsync(ct);
    }

    private static string FreeEndpoint()
    {
        using var listener = new RingListener(IPAddress.Loopback);
        return listener.Endpoint;
    }
}
