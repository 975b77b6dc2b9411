using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Checkpointing;
using Orleans;
using Orleans.Runtime;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>The Orleans client of a trainer whose silo is not there. The tests of the cluster have one that is.</summary>
public sealed class SiloClientTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gemini-calls-").FullName;
    private readonly Socket _silent = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private int _configured;

    public SiloClientTests() => _silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    /// <summary>Nobody listens at this gateway, and nobody else can: the test has the port.</summary>
    private GeminiOptions Options => new()
    {
        SocketPath = "",
        LockPath = "",
        LocalIndex = 0,
        Host = "a",
        Gateway = _silent.LocalEndPoint!.ToString()!,
        ClusterId = "c",
        ServiceId = "s",
        ReconnectInterval = TimeSpan.FromMilliseconds(5),
        CallTimeout = TimeSpan.FromSeconds(5),
        ConfigureClient = _ => _configured++,
    };

    public void Dispose()
    {
        _silent.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Agent_NoSiloYet_WaitsForTheFirstConnectionAndEndsWithTheSession()
    {
        var client = new SiloClient(Options);
        Assert.Equal(1, _configured);
        Task[] waiting = [client.AgentAsync(), client.WarmUpAsync()];
        Assert.All(waiting, call => Assert.False(call.IsCompleted));

        await client.DisposeAsync().AsTask().WaitAsync(Wait.Limit, TestContext.Current.CancellationToken);

        foreach (var call in waiting)
        {
            Assert.NotNull(await Record.ExceptionAsync(() => call.WaitAsync(Wait.Limit)));
            Assert.True(call.IsFaulted || call.IsCanceled);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("host-a:30000")]
    [InlineData("127.0.0.1:99999")]
    public void Gateway_IsNoAddress_IsRefusedAtOnce(string gateway) => Assert.Throws<FormatException>(() => new SiloClient(Options with { Gateway = gateway }));

    [Fact]
    public void Secret_IsMissing_IsRefusedAtOnce()
    {
        var path = Path.Combine(_folder, "job.key");
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => new SiloClient(Options with { SecretFile = path })).Message, StringComparison.Ordinal);
    }

    /// <summary>The silo refuses the calls of a trainer without this mark.</summary>
    [Fact]
    public async Task Mark_EveryCall_HasTheTrainersMark()
    {
        var marks = new CallMark(JobSecret.Generate(), "c");
        var call = DispatchProxy.Create<IOutgoingGrainCallContext, Call>();
        await new TrainerCallMark(marks).Invoke(call);
        Assert.Equal([marks.Of(CallerKind.Trainer)], ((Call)call).Marks);
    }

    /// <summary>A call that only notes with which mark it was made.</summary>
    public class Call : DispatchProxy
    {
        public List<object?> Marks { get; } = [];

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name != nameof(IGrainCallContext.Invoke)) throw new NotSupportedException(targetMethod.Name);
            Marks.Add(RequestContext.Get(CallMark.Key));
            return Task.CompletedTask;
        }
    }
}
