using System.Net;
using System.Net.Sockets;
using Gemini.Silo.Forgetting;
using Gemini.Silo.Lab.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Gemini.Silo.Tests.Forgetting;

/// <summary>Which hosts of a job may still be alive. While one of them lives, the job must not be forgotten.</summary>
public sealed class JobRegistryTests : IAsyncLifetime
{
    private const string Cluster = "gemini-job";

    private readonly FakeTimeProvider _time = new();
    private readonly Socket _open = Listen(backlog: 16);
    private readonly Socket _silent = Listen(backlog: 0);
    private readonly List<Socket> _fillers = [];
    private GarnetHost _redis = null!;
    private JobRegistry _registry = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _redis = new GarnetHost(TestPorts.Next());
        _registry = new JobRegistry(_redis.Endpoint, Cluster, _time);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        foreach (var socket in (Socket[])[_open, _silent, .. _fillers]) socket.Dispose();
        _redis.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Live_JobThatNeverRan_IsNobody() => Assert.Empty(await LiveAsync());

    /// <summary>A silo whose port refuses is dead, whatever its row says, and one that the row calls dead is not asked.</summary>
    [Fact]
    public async Task Live_AreThoseWhosePortIsOpen_OnceEachAndInOrder()
    {
        await JoinAsync("c", EndpointOf(_open), generation: 1);
        await JoinAsync("c", EndpointOf(_open), generation: 2);
        await JoinAsync("b", Refusing(), generation: 1);
        await JoinAsync("a", EndpointOf(_open), generation: 3);
        await JoinAsync("d", EndpointOf(_open), generation: 4, SiloStatus.Dead);
        await JoinAsync("e", EndpointOf(_open), generation: 5, SiloStatus.Joining);
        Assert.Equal(["a", "c", "e"], await LiveAsync());
    }

    /// <summary>A machine that is cut off, or hangs, neither accepts nor refuses. Then the age of the last sign of life decides.</summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(-1, false)]
    public async Task Live_PortIsSilent_TheLastSignOfLifeDecides(int days, bool isAlive)
    {
        await FillAsync();
        await JoinAsync("a", EndpointOf(_silent), generation: 1, aliveAt: _time.GetUtcNow().UtcDateTime.AddDays(days));
        var live = LiveAsync();
        await Wait.UntilAsync(
            () =>
            {
                if (!live.IsCompleted) _time.Advance(TimeSpan.FromSeconds(1));
                return live.IsCompleted;
            },
            "the dial to be given up");
        Assert.Equal(isAlive ? ["a"] : [], await live);
    }

    private static Socket Listen(int backlog)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(backlog);
        return socket;
    }

    private static IPEndPoint EndpointOf(Socket socket) => (IPEndPoint)socket.LocalEndPoint!;

    /// <summary>Bound, but nobody listens.</summary>
    private IPEndPoint Refusing()
    {
        var socket = TestPorts.Refusing();
        _fillers.Add(socket);
        return EndpointOf(socket);
    }

    /// <summary>One connection fills the queue of a listener that never accepts. The kernel does not answer any further one.</summary>
    private async Task FillAsync()
    {
        var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _fillers.Add(filler);
        await filler.ConnectAsync(_silent.LocalEndPoint!, Token);
    }

    private Task<IReadOnlyList<string>> LiveAsync() => Task.Run(_registry.LiveHostsAsync, Token);

    /// <summary>Writes the row of a silo.</summary>
    private async Task JoinAsync(string host, IPEndPoint endpoint, int generation, SiloStatus status = SiloStatus.Active, DateTime? aliveAt = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.UseOrleans(silo =>
        {
            silo.UseRedisClustering(options => options.ConfigurationOptions = ConfigurationOptions.Parse(_redis.Endpoint));
            silo.Configure<ClusterOptions>(options => options.ClusterId = options.ServiceId = Cluster);
        });
        using var services = builder.Build();
        var table = services.Services.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTableAsync(tryInitTableVersion: true);
        var version = (await table.ReadAllAsync()).Version;
        var entry = new MembershipEntry
        {
            SiloAddress = SiloAddress.New(endpoint, generation),
            SiloName = host,
            HostName = "here",
            Status = status,
            StartTime = _time.GetUtcNow().UtcDateTime,
            IAmAliveTime = aliveAt ?? _time.GetUtcNow().UtcDateTime,
        };
        Assert.True(await table.InsertRowAsync(entry, version.Next()));
    }
}
