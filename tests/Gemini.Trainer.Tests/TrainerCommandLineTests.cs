using System.Net;
using System.Text.Json;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Collectives;

namespace Gemini.Trainer.Tests;

/// <summary>The command line of gemini-trainer: what it refuses, and a run without silos.</summary>
[Collection(TorchCollection.Name)]
public sealed class TrainerCommandLineTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gemini-trainer-").FullName;
    private readonly ConsoleText _console = new();

    private string Corpus => Path.Combine(_folder, "text.txt");

    public TrainerCommandLineTests() => File.WriteAllBytes(Corpus, [.. Enumerable.Range(0, 4096).Select(index => (byte)(index * 7))]);

    public void Dispose()
    {
        _console.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public static TheoryData<string, string> BadInputs => new()
    {
        { "--standalone", "--rank 0 has no endpoint in --ring-endpoints, which lists 0." },
        { "--standalone --ring-endpoints , --rank 0", "--rank 0 has no endpoint in --ring-endpoints, which lists 0." },
        { "--standalone --rank 2 --ring-endpoints 127.0.0.1:1,127.0.0.1:2", "--rank 2 has no endpoint in --ring-endpoints, which lists 2." },
        { "--standalone --rank -1 --ring-endpoints 127.0.0.1:1", "--rank -1 has no endpoint in --ring-endpoints, which lists 1." },
        {
            "--standalone --ring-endpoints 127.0.0.1:1 --model gpt3",
            "Unknown model 'gpt3'. Known: gpt2-nano, gpt2-tiny, gpt2-small, gpt2-10b, gpt2-20b, gpt2-40b, gpt2-100b, "
            + "bert-nano, bert-tiny, bert-base, bert-large, bert-40b, bert-100b, "
            + "roberta-nano, roberta-tiny, roberta-base, roberta-large, roberta-40b, roberta-100b."
        },
        {
            "--standalone --ring-endpoints 127.0.0.1:0 --model bert-nano --context 4",
            "A sequence of 4 tokens has no room for two texts beside [CLS] and two times [SEP]."
        },
        {
            "--standalone --ring-endpoints 127.0.0.1:0 --model roberta-nano --context 2",
            "A sequence of 2 tokens has no room for text beside [CLS] and [SEP]."
        },
        { "", "A gemini host starts this program. To train without hosts and checkpoints use --standalone." },
        { "--standalone --ring-endpoints host-a:1", "An invalid IPEndPoint was specified." },
        {
            "--standalone --ring-endpoints 127.0.0.1:0 --data /no/such/text",
            "No text at '/no/such/text': name a text file, or a folder with text files, with --data."
        },
        {
            "--standalone --ring-endpoints 127.0.0.1:0 --secret-file /no/such/key",
            "The job secret /no/such/key does not exist. Make one with: head -c 32 /dev/urandom | base64 > /no/such/key; chmod 600 /no/such/key"
        },
        { "--standalone --ring-endpoints 0.0.0.0:1", "Peers cannot connect to 0.0.0.0; name an address of this host." },
        {
            "--standalone --ring-endpoints 192.0.2.1:5000",
            "This rank cannot listen for its neighbour at 192.0.2.1 port 5000: Cannot assign requested address"
        },
        { "--standalone --ring-endpoints 127.0.0.1:1 --threads 0", "--threads is 0; an operation needs at least one." },
        { "--standalone --ring-endpoints 127.0.0.1:1 --dropout 1", "--dropout is 1; it is from 0 to below 1." },
        { "--standalone --ring-endpoints 127.0.0.1:1 --dropout NaN", "--dropout is NaN; it is from 0 to below 1." },
    };

    /// <summary>One line that says what is wrong, without the name of an internal parameter.</summary>
    [Theory]
    [MemberData(nameof(BadInputs))]
    public async Task Run_BadInput_IsOneLineAndItsExitCode(string arguments, string line)
    {
        Assert.Equal(TrainerCommandLine.ExitCodeOfBadInput, await RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal(["gemini-trainer: " + line], _console.Error);
        Assert.Empty(_console.Output);
    }

    [Theory]
    [InlineData("--iterations many")]
    [InlineData("--rank 1.5")]
    [InlineData("--no-such-option")]
    [InlineData("--seed 99999999999999999999")]
    [InlineData("train")]
    [InlineData("--model")]
    public async Task Run_NotThisCommandLine_IsOneLineAndItsExitCode(string arguments)
    {
        Assert.Equal(2, await RunAsync(arguments.Split(' ')));
        Assert.StartsWith("gemini-trainer: ", Assert.Single(_console.Error), StringComparison.Ordinal);
        Assert.Contains(arguments.Split(' ')[^1], _console.Error[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_NamesEveryOption()
    {
        Assert.Equal(0, await RunAsync("--help"));
        var help = string.Join('\n', _console.Output);
        Assert.All(
            (string[])
            [
                "--model", "--data", "--seed", "--iterations", "--threads", "--batch", "--context", "--dropout", "--standalone", "--rank",
                "--ring-endpoints", "--secret-file", "--losses", "--hashes", "--pace", "gpt2-tiny", "bert-tiny", "roberta-tiny",
            ],
            option => Assert.Contains(option, help, StringComparison.Ordinal));
    }

    /// <summary>Every option of a run without silos reaches it.</summary>
    [Theory]
    [InlineData("gpt2-nano")]
    [InlineData("bert-nano")]
    [InlineData("roberta-nano")]
    public async Task Standalone_GoodInput_TrainsAndEndsWithASummary(string model)
    {
        string[] arguments =
        [
            "--standalone", "--model", model, "--batch", "1", "--context", "8", "--iterations", "2", "--dropout", "0", "--threads", "1", "--seed", "3",
            "--data", Corpus, "--ring-endpoints", FreeEndpoint(), "--losses", "--hashes",
        ];
        Assert.Equal(0, await RunAsync(arguments));

        Assert.Empty(_console.Error);
        Assert.Equal(3, _console.Output.Length);
        using var summary = JsonDocument.Parse(_console.Output[^1]);
        Assert.Equal((2L, 2), (summary.RootElement.GetProperty("iteration").GetInt64(), summary.RootElement.GetProperty("losses").GetArrayLength()));
    }

    [Fact]
    public async Task Standalone_BatchIsTooLarge_IsOneLine()
    {
        Assert.Equal(
            TrainerCommandLine.ExitCodeOfBadInput,
            await RunAsync("--standalone", "--model", "gpt2-nano", "--context", "2", "--batch", "2147483647", "--data", Corpus, "--ring-endpoints", FreeEndpoint()));
        Assert.Equal(
            ["gemini-trainer: 2147483647 sequences of 2 tokens are more than a batch can hold, 2147483591 tokens."], _console.Error);
    }

    [Fact]
    public async Task Standalone_PeerHasAnotherSecret_IsOneLine()
    {
        var (key, own) = (Path.Combine(_folder, "job.key"), FreeEndpoint());
        JobSecret.Generate().Save(key);
        using var peer = new RingListener(IPAddress.Loopback);
        using var stop = new CancellationTokenSource();
        var staying = StayAsync(peer, own, stop.Token);
        Assert.Equal(TrainerCommandLine.ExitCodeOfBadInput, await RunWithPeerAsync(own, peer, "--secret-file", key));
        Assert.Equal(
            [$"gemini-trainer: Rank 1 at {peer.Endpoint} and rank 0 do not belong to the same ring: WrongSecret."], _console.Error);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => staying);
    }

    /// <summary>The input is right, so the exit code is another one.</summary>
    [Fact]
    public async Task Standalone_PeerIsLost_IsOneLine()
    {
        var own = FreeEndpoint();
        using var peer = new RingListener(IPAddress.Loopback);
        var connecting = Ring.ConnectAsync(peer, [own, peer.Endpoint], 1, epoch: 1, JobSecret.None, TestContext.Current.CancellationToken);
        var running = RunWithPeerAsync(own, peer);
        (await connecting.WaitAsync(Wait.Limit, TestContext.Current.CancellationToken)).Dispose();
        Assert.Equal(TrainerCommandLine.ExitCodeOfLostPeer, await running.WaitAsync(Wait.Limit, TestContext.Current.CancellationToken));
        Assert.Equal(["gemini-trainer: The connection to rank 1 was lost."], _console.Error);
    }

    /// <summary>Each rank asks the other. If the trainer refuses the peer first, the peer must still be there to refuse the trainer.</summary>
    private static async Task StayAsync(RingListener peer, string own, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                (await Ring.ConnectAsync(peer, [own, peer.Endpoint], 1, epoch: 1, JobSecret.Generate(), ct)).Dispose();
            }
            catch (RingRefusedException)
            {
                // Again, with another secret.
            }
        }
    }

    private Task<int> RunWithPeerAsync(string own, RingListener peer, params string[] more) => RunAsync(
    [
        "--standalone", "--model", "gpt2-nano", "--batch", "1", "--context", "8", "--data", Corpus, "--ring-endpoints", $"{own},{peer.Endpoint}", .. more,
    ]);

    private static string FreeEndpoint()
    {
        using var listener = new RingListener(IPAddress.Loopback);
        return listener.Endpoint;
    }

    private static Task<int> RunAsync(params string[] arguments) => TrainerCommandLine.RunAsync(arguments);
}
