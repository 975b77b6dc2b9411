using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Files;
using Gemini.Silo.Commands;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Gemini.Silo.Tests.Forgetting;

/// <summary><c>gemini forget</c> against the demo's own Redis server.</summary>
public sealed class ForgetCommandTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private GarnetHost _redis = null!;
    private ConnectionMultiplexer _client = null!;

    private string Memory => Path.Combine(_folder.Path, "memory");

    private string Storage => Path.Combine(_folder.Path, "store");

    public async ValueTask InitializeAsync()
    {
        _redis = new GarnetHost(TestPorts.Next());
        _client = await ConnectionMultiplexer.ConnectAsync(_redis.Endpoint);
        foreach (var job in new[] { "mine", "mine-too" })
        {
            await _client.GetDatabase().StringSetAsync($"gemini-{job}/state/rootagent/{job}/root", "a record");
            _folder.Write($"memory/{job}/host-a/rank-00000.slot-0", "12345");
            _folder.Write($"store/{job}/5@1/manifest.json", "{}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        _redis.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Forget_DeletesWhatIsTheJobs_AndNothingElse(bool withStorage)
    {
        string[] options = withStorage ? ["--yes", "--storage"] : ["--yes"];

        var (code, output, error) = await RunAsync(options);

        Assert.Equal((ExitCodes.Success, ""), (code, error));
        Assert.Equal(["gemini-mine-too/state/rootagent/mine-too/root"], Keys());
        Assert.Equal([Path.Combine(Memory, "mine-too")], Directory.GetDirectories(Memory));
        Assert.Equal(!withStorage, Directory.Exists(Path.Combine(Storage, "mine")));
        Assert.True(Directory.Exists(Path.Combine(Storage, "mine-too")));
        Assert.Contains("deleted gemini-mine/", output, StringComparison.Ordinal);
        Assert.Contains("deleted 5 bytes", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y", ExitCodes.Success)]
    [InlineData("", ExitCodes.Failed)]
    public async Task Forget_WithoutYes_Asks(string answer, int expected)
    {
        using var output = new StringWriter();
        var code = await ForgetCommand.RunAsync(
            Configuration, isAgreed: false, withStorage: false, new StringReader(answer), output, TestContext.Current.CancellationToken);

        Assert.Equal(expected, code);
        Assert.Contains("[y/N]", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(expected == ExitCodes.Success, !Directory.Exists(Path.Combine(Memory, "mine")));
    }

    [Fact]
    public async Task Forget_ASiloLives_RefusesAndNamesIt()
    {
        using var silo = new TcpListener(IPAddress.Loopback, 0);
        silo.Start();
        await JoinAsync("host-b", (IPEndPoint)silo.LocalEndpoint);

        var (code, _, error) = await RunAsync("--yes");

        Assert.Equal(ExitCodes.BadInput, code);
        Assert.Contains("a silo still runs on host-b", error, StringComparison.Ordinal);
        Assert.True(Directory.Exists(Path.Combine(Memory, "mine")));
        Assert.Contains("gemini-mine/state/rootagent/mine/root", Keys());
    }

    [Fact]
    public async Task Forget_TheSiloWasKilled_IsNoObstacle()
    {
        using var port = TestPorts.Refusing();
        await JoinAsync("host-b", (IPEndPoint)port.LocalEndPoint!);

        var (code, _, error) = await RunAsync("--yes");

        Assert.Equal((ExitCodes.Success, ""), (code, error));
        Assert.DoesNotContain(Keys(), key => key.StartsWith("gemini-mine/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Forget_ATrainerLives_RefusesAndNamesItsLock()
    {
        using var held = PrivateFile.Create(Path.Combine(Memory, "mine", "host-a", "trainer-0.lock"));
        Assert.True(PrivateFile.TryLock(held));

        var (code, _, error) = await RunAsync("--yes");

        Assert.Equal(ExitCodes.BadInput, code);
        Assert.Contains("trainer-0.lock", error, StringComparison.Ordinal);
        Assert.True(Directory.Exists(Path.Combine(Memory, "mine")));
    }

    private IReadOnlyList<string> Keys() => [.. _client.GetServers().Single().Keys().Select(key => key.ToString()).Order(StringComparer.Ordinal)];

    private HostConfiguration Configuration => new()
    {
        Job = new JobConfiguration { Name = "mine", Hosts = ["host-a", "host-b"] },
        Host = new HostIdentityConfiguration { Name = "host-a", Address = "127.0.0.1", SiloPort = 1, GatewayPort = 2, DataPort = 3 },
        Redis = _redis.Endpoint,
        SecretFile = "job.key",
        MemoryRoot = Memory,
        Storage = new StorageConfiguration { Directory = Storage },
    };

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] options)
    {
        var path = Path.Combine(_folder.Path, "host-a.json");
        HostConfigurationFile.Save(Configuration, path);
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await GeminiCommandLine.RunAsync(["forget", "--config", path, .. options], output, error, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>Writes the row of a silo that is a member.</summary>
    private async Task JoinAsync(string host, IPEndPoint endpoint)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.UseOrleans(silo =>
        {
            silo.UseRedisClustering(options => options.ConfigurationOptions = ConfigurationOptions.Parse(_redis.Endpoint));
            silo.Configure<ClusterOptions>(options => options.ClusterId = options.ServiceId = "gemini-mine");
        });
        using var services = builder.Build();
        var table = services.Services.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTableAsync(tryInitTableVersion: true);
        var version = (await table.ReadAllAsync()).Version;
        var entry = new MembershipEntry
        {
            SiloAddress = SiloAddress.New(endpoint, 1),
            SiloName = host,
            HostName = "here",
            Status = SiloStatus.Active,
            StartTime = TimeProvider.System.GetUtcNow().UtcDateTime,
            IAmAliveTime = TimeProvider.System.GetUtcNow().UtcDateTime,
        };
        Assert.True(await table.InsertRowAsync(entry, version.Next()));
    }
}
