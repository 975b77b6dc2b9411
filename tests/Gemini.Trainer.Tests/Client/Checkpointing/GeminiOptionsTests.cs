using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>The options that a silo gives its trainers in the environment, which belongs to the whole process.</summary>
[Collection(TorchCollection.Name)]
public sealed class GeminiOptionsTests : IDisposable
{
    private static readonly (string Name, string Value)[] Required =
    [
        (TrainerEnvironment.Socket, "/x/silo.sock"), (TrainerEnvironment.LockFile, "/x/trainer-3.lock"), (TrainerEnvironment.LocalIndex, "3"),
        (TrainerEnvironment.Host, "host-a"), (TrainerEnvironment.Gateway, "10.0.0.1:30000"), (TrainerEnvironment.ClusterId, "gemini-job"),
        (TrainerEnvironment.ServiceId, "gemini"),
    ];

    private static readonly string[] Optional =
    [
        TrainerEnvironment.SecretFile, TrainerEnvironment.RingAddress, TrainerEnvironment.Ports, TrainerEnvironment.Check, TrainerEnvironment.Program,
        TrainerEnvironment.Spare, TrainerEnvironment.DrillSocket, TrainerEnvironment.NetworkPage,
    ];

    private readonly Dictionary<string, string?> _before = [];

    public GeminiOptionsTests()
    {
        foreach (var (name, value) in Required) Set(name, value);
        foreach (var name in Optional) Set(name, null);
    }

    public static TheoryData<string> RequiredNames => [.. Required.Select(variable => variable.Name)];

    public void Dispose()
    {
        foreach (var (name, value) in _before) Environment.SetEnvironmentVariable(name, value);
    }

    [Fact]
    public void FromEnvironment_OnlyWhatIsRequired_HasTheStatedDefaults()
    {
        var options = GeminiOptions.FromEnvironment();
        Assert.Equal(("/x/silo.sock", "/x/trainer-3.lock", 3), (options.SocketPath, options.LockPath, options.LocalIndex));
        Assert.Equal(("host-a", "10.0.0.1:30000", "gemini-job", "gemini"), (options.Host, options.Gateway, options.ClusterId, options.ServiceId));
        Assert.Equal(("", "127.0.0.1", default, false), (options.SecretFile, options.RingAddress, options.Ports, options.Check));
        Assert.Equal("", options.NetworkPagePath);
        Assert.Equal(("", 0, "", true), (options.Launch.Program, options.Launch.Spare, options.Launch.DrillSocket, options.Launch.Warm.IsCompleted));
        Assert.Equal(
            (2.0, 30.0, 60.0, 0.1, 60.0, 5.0, 10.0),
            (options.SlotWait.TotalSeconds, options.CaptureWait.TotalSeconds, options.CompletionWait.TotalSeconds, options.ReconnectInterval.TotalSeconds,
                options.SiloAbsenceLimit.TotalSeconds, options.CallTimeout.TotalSeconds, options.ExitGrace.TotalSeconds));
    }

    [Fact]
    public void FromEnvironment_Everything_IsRead()
    {
        Set(TrainerEnvironment.SecretFile, "/x/job.key");
        Set(TrainerEnvironment.RingAddress, "10.0.0.2");
        Set(TrainerEnvironment.Ports, "20000-20031");
        Set(TrainerEnvironment.Check, "1");
        Set(TrainerEnvironment.Program, "0123456789abcdef");
        Set(TrainerEnvironment.Spare, "2");
        Set(TrainerEnvironment.NetworkPage, "/x/trainer-3.network");
        Set(TrainerEnvironment.DrillSocket, "/x/drill.sock");
        var options = GeminiOptions.FromEnvironment();
        Assert.Equal(
            ("/x/job.key", "10.0.0.2", new PortRange(20000, 20031), true), (options.SecretFile, options.RingAddress, options.Ports, options.Check));
        Assert.Equal("/x/trainer-3.network", options.NetworkPagePath);
        Assert.Equal(("0123456789abcdef", 2, "/x/drill.sock"), (options.Launch.Program, options.Launch.Spare, options.Launch.DrillSocket));
    }

    [Theory]
    [MemberData(nameof(RequiredNames))]
    public void FromEnvironment_OneIsMissing_IsNamed(string name)
    {
        foreach (var value in (string?[])[null, ""])
        {
            Set(name, value);
            var error = Assert.Throws<InvalidDataException>(GeminiOptions.FromEnvironment);
            Assert.StartsWith($"{name} is not set. A silo sets it", error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>A program that is started by hand trains without checkpoints; one that a silo started only in part does not.</summary>
    [Fact]
    public void TryFromEnvironment_NoSocket_IsNull()
    {
        Assert.Equal(3, GeminiOptions.TryFromEnvironment()!.LocalIndex);
        Set(TrainerEnvironment.Host, null);
        Assert.Throws<InvalidDataException>(GeminiOptions.TryFromEnvironment);
        Set(TrainerEnvironment.Socket, "");
        Assert.Null(GeminiOptions.TryFromEnvironment());
        Set(TrainerEnvironment.Socket, null);
        Assert.Null(GeminiOptions.TryFromEnvironment());
    }

    [Theory]
    [InlineData("20000")]
    [InlineData("20031-20000")]
    [InlineData("any")]
    public void FromEnvironment_PortsAreNoRange_IsRefused(string ports)
    {
        Set(TrainerEnvironment.Ports, ports);
        Assert.Equal("GEMINI_PORTS is not a range of ports such as 20000-20031.", Assert.Throws<InvalidDataException>(GeminiOptions.FromEnvironment).Message);
    }

    /// <summary>Every absurd value is the same kind of error, whose message names the variable and what it has to be.</summary>
    [Theory]
    [InlineData(TrainerEnvironment.LocalIndex, "-1", "GEMINI_LOCAL_INDEX is not a number from 0 to 2147483647.")]
    [InlineData(TrainerEnvironment.LocalIndex, "three", "GEMINI_LOCAL_INDEX is not a number from 0 to 2147483647.")]
    [InlineData(TrainerEnvironment.LocalIndex, "2147483648", "GEMINI_LOCAL_INDEX is not a number from 0 to 2147483647.")]
    [InlineData(TrainerEnvironment.Spare, "1.5", "GEMINI_SPARE is not a number from 0 to 2147483647.")]
    [InlineData(TrainerEnvironment.Spare, "99999999999999999999", "GEMINI_SPARE is not a number from 0 to 2147483647.")]
    [InlineData(TrainerEnvironment.Gateway, "host-a:30000", "GEMINI_GATEWAY is not an address and a port such as 10.0.0.1:30000.")]
    [InlineData(TrainerEnvironment.Gateway, "10.0.0.1", "GEMINI_GATEWAY is not an address and a port such as 10.0.0.1:30000.")]
    [InlineData(TrainerEnvironment.Gateway, "10.0.0.1:70000", "GEMINI_GATEWAY is not an address and a port such as 10.0.0.1:30000.")]
    [InlineData(TrainerEnvironment.RingAddress, "host-a", "GEMINI_RING_ADDRESS is not an IP address such as 10.0.0.1.")]
    public void FromEnvironment_AbsurdValue_IsRefusedAndNamed(string name, string value, string message)
    {
        Set(name, value);
        Assert.Equal(message, Assert.Throws<InvalidDataException>(GeminiOptions.FromEnvironment).Message);
    }

    /// <summary>A program without nullable annotations may say nothing about itself: the silo gets an empty text.</summary>
    [Fact]
    public void Texts_OfTheUser_AreNeverNull()
    {
        var options = GeminiOptions.FromEnvironment() with { Description = null!, RingEndpoint = null! };
        Assert.Equal(("", ""), (options.Description, options.RingEndpoint));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("true")]
    [InlineData("")]
    public void FromEnvironment_CheckIsNotOne_IsOff(string value)
    {
        Set(TrainerEnvironment.Check, value);
        Assert.False(GeminiOptions.FromEnvironment().Check);
    }

    /// <summary>A full disk under the log must not end training.</summary>
    [Fact]
    public void Log_Throws_IsIgnored()
    {
        var lines = new List<string>();
        var options = GeminiOptions.FromEnvironment() with
        {
            Log = line =>
            {
                lines.Add(line);
                throw new IOException("no space left");
            },
        };
        options.Log("one");
        (options with { LocalIndex = 1 }).Log("two");
        Assert.Equal(["one", "two"], lines);
    }

    private void Set(string name, string? value)
    {
        _before.TryAdd(name, Environment.GetEnvironmentVariable(name));
        Environment.SetEnvironmentVariable(name, value);
    }
}
