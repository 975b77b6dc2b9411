using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Files;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Tests.Configuration;

/// <summary>What a host checks before it starts. Each refusal is one line with its fix, and leaves no folder behind.</summary>
public sealed class HostPreflightTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Bound, but nobody listens: every connection is refused, and no other process gets the port.</summary>
    private readonly Socket _redis = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private readonly List<string> _said = [];
    private HostConfiguration _host;

    public HostPreflightTests()
    {
        var secret = Path.Combine(_folder.Path, "job.key");
        PrivateFile.Create(secret).Dispose();
        File.WriteAllText(secret, Convert.ToBase64String(new byte[32]));
        // A host that passes all other checks fails at its last one, at once.
        _redis.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _host = new HostConfiguration
        {
            Job = new JobConfiguration { Name = "j", Hosts = ["a", "b"] },
            Host = new HostIdentityConfiguration { Name = "a", SiloPort = 0, GatewayPort = 0, DataPort = 0, WebPort = 0 },
            Redis = $"{_redis.LocalEndPoint}",
            SecretFile = secret,
            Trainer = new TrainerConfiguration { Command = "/bin/true" },
            Logs = Path.Combine(_folder.Path, "logs"),
            MemoryRoot = Path.Combine(_folder.Path, "memory"),
        };
    }

    private string Folder => _host.Paths.Directory;

    public void Dispose()
    {
        _redis.Dispose();
        _folder.Dispose();
    }

    /// <summary>Also shows that the configuration of these tests passes every other check.</summary>
    [Fact]
    public async Task Redis_CannotBeReached_NamesTheFixAndLeavesNoFolder()
    {
        await AssertRefusedAsync($"redis {_host.Redis} cannot be reached (Connection refused); start the server");
        Assert.Empty(_said);
    }

    [Fact]
    public async Task Redis_CannotBeReached_FolderWithFilesOfAnEarlierStartStays()
    {
        _host.Paths.EnsureDirectory();
        PrivateFile.Create(Path.Combine(Folder, "rank-00000.slot-0")).Dispose();
        await Assert.ThrowsAsync<BadInputException>(CheckAsync);
        Assert.True(File.Exists(Path.Combine(Folder, "rank-00000.slot-0")));
    }

    [Theory]
    [InlineData("host.siloPort")]
    [InlineData("host.gatewayPort")]
    [InlineData("host.dataPort")]
    [InlineData("host.webPort")]
    public async Task Port_IsTaken_IsNamedWithTheFix(string property)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        SetPort(property, port);
        await AssertRefusedAsync($"{property} {port} on 127.0.0.1 is taken by another process; stop it (ss -ltnp shows it) or choose another port.");
    }

    [Fact]
    public async Task Port_OfAnAddressThatIsNotThisMachines_NamesAddressAndFix()
    {
        // A documentation address: no machine has it.
        _host = _host with { Host = _host.Host with { Address = "192.0.2.1", DataPort = 4711 } };
        await AssertRefusedAsync("host.dataPort 4711 on 192.0.2.1 cannot be listened on: ");
    }

    [Fact]
    public async Task Secret_IsMissing_NamesTheFix()
    {
        File.Delete(_host.SecretFile);
        await AssertRefusedAsync($"secretFile: The job secret {_host.SecretFile} does not exist. Make one with: ");
    }

    [Fact]
    public async Task Secret_IsTooShort_IsRefused()
    {
        File.WriteAllText(_host.SecretFile, "short");
        await AssertRefusedAsync($"secretFile: The job secret {_host.SecretFile} has 5 bytes; at least ");
    }

    [Fact]
    public async Task Secret_OthersMayReadIt_IsRefused()
    {
        File.SetUnixFileMode(_host.SecretFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await AssertRefusedAsync($"secretFile: The job secret {_host.SecretFile} has mode ");
    }

    [Fact]
    public async Task Trainer_IsMissing_IsNamed()
    {
        _host = _host with { Trainer = _host.Trainer with { Command = "/no/such/trainer" } };
        var error = await Assert.ThrowsAsync<BadInputException>(CheckAsync);
        Assert.Contains("/no/such/trainer", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_host.MemoryRoot));
    }

    [Fact]
    public async Task Logs_CannotBeWritten_AreNamed()
    {
        _host = _host with { Logs = _folder.Write("a-file", "") };
        await AssertRefusedAsync($"logs {_host.Logs} cannot be used: ");
    }

    [Fact]
    public async Task Memory_RootIsAFile_IsNamed()
    {
        _host = _host with { MemoryRoot = _folder.Write("a-file", "") };
        var error = await Assert.ThrowsAsync<BadInputException>(CheckAsync);
        Assert.StartsWith("memoryRoot: ", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Another user could change the copies, or connect to the trainers' socket.</summary>
    [Fact]
    public async Task Memory_OthersMayWriteInTheHostsFolder_IsRefused()
    {
        _host.Paths.EnsureDirectory();
        File.SetUnixFileMode(Folder, PrivateFolder.Mode | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
        var error = await Assert.ThrowsAsync<BadInputException>(CheckAsync);
        Assert.StartsWith("memoryRoot: ", error.Message, StringComparison.Ordinal);
    }

    /// <summary>No process of a job makes such an entry, so somebody else has put it there.</summary>
    [Theory]
    [InlineData("link")]
    [InlineData("second name")]
    [InlineData("folder")]
    public async Task Memory_StrangeEntryInTheHostsFolder_IsRefusedByName(string kind)
    {
        _host.Paths.EnsureDirectory();
        var path = _host.Paths.TrainerLock(0);
        if (kind == "link") File.CreateSymbolicLink(path, _folder.Write("victim", "mine"));
        if (kind == "folder") Directory.CreateDirectory(path, PrivateFolder.Mode);
        if (kind == "second name")
        {
            PrivateFile.Create(path).Dispose();
            System.Diagnostics.Process.Start("ln", [path, Path.Combine(_folder.Path, "second")]).WaitForExit();
        }

        var error = await Assert.ThrowsAsync<BadInputException>(CheckAsync);
        Assert.StartsWith($"memoryRoot: {path} ", error.Message, StringComparison.Ordinal);
    }

    private Task CheckAsync() =>
        HostPreflight.CheckAsync(_host, TimeSpan.Zero, _said.Add, new HeldTimers(), TestContext.Current.CancellationToken);

    private void SetPort(string property, int port) => _host = _host with
    {
        Host = property switch
        {
            "host.siloPort" => _host.Host with { SiloPort = port },
            "host.gatewayPort" => _host.Host with { GatewayPort = port },
            "host.dataPort" => _host.Host with { DataPort = port },
            _ => _host.Host with { WebPort = port },
        },
    };

    /// <summary>Refused with that text, and the host's folder is not there.</summary>
    private async Task AssertRefusedAsync(string expected)
    {
        var error = await Assert.ThrowsAsync<BadInputException>(CheckAsync);
        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.False(Directory.Exists(Path.Combine(_host.MemoryRoot, "j")));
    }
}
