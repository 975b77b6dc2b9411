using Gemini.Grains.Machines;
using Gemini.Silo.Configuration;
using Gemini.Silo.Machines;

namespace Gemini.Silo.Tests.Machines;

/// <summary>A scripted API server on a real socket, whose clock is hours ahead. Never a real cluster.</summary>
public sealed class KubernetesOperatorTests : MachineOperatorContract
{
    private const string Pod = "gemini-host-b";

    private readonly TemporaryFolder _folder = new();
    private ScriptedApiServer _server = null!;
    private KubernetesOperator _operator = null!;

    private protected override IMachineOperator Operator => _operator;

    private protected override int Machines => _server.Made - (_server.IsFull ? 1 : 0);

    public override async ValueTask InitializeAsync()
    {
        _server = await ScriptedApiServer.StartAsync();
        _server.Put(Pod, age: TimeSpan.FromDays(1));
        _operator = Create(_server.Address);
    }

    private protected override void Refuse() => _server.Refusal = ("DELETE", 403, "Forbidden", "quota of your patience is exceeded");

    /// <summary>The pod is deleted, and no node takes the new one.</summary>
    private protected override void Hang() => _server.IsFull = true;

    private protected override Task AssertIdleAsync() => Wait.UntilAsync(() => _server.IsIdle, "the end of the last request");

    [Fact]
    public async Task LostPod_IsDeletedOnce_AndTheNewOneIsWaitedForUntilItIsReady()
    {
        var lost = _server.UidOf(Pod);

        var outcome = await CallAsync(Order());

        Assert.NotEqual(lost, _server.UidOf(Pod));
        Assert.Equal(MachineOutcome.Accepted($"pod {Pod} ({_server.UidOf(Pod)}) is ready"), outcome);
        Assert.Single(_server.Requests, request => request == $"DELETE {Pod}");
        Assert.Equal(
            [
                $"pod {Pod} ({lost}) is deleted",
                $"pod {Pod} (uid-2) is Pending Unschedulable 0/4 nodes are available",
                $"pod {Pod} (uid-2) is Pending ContainerCreating",
                $"pod {Pod} (uid-2) is Running",
            ],
            Said);
    }

    [Fact]
    public async Task PodYoungerThanTheLoss_IsWaitedForAndNotDeleted()
    {
        _server.Put(Pod, age: TimeSpan.FromSeconds(50));
        Assert.Equal(MachineResult.Accepted, (await CallAsync(Order())).Result);
        Assert.DoesNotContain($"DELETE {Pod}", _server.Requests);
    }

    [Fact]
    public async Task ContainerStartedAgainAfterTheLoss_KeepsItsPodAndItsMemory()
    {
        _server.Put(Pod, age: TimeSpan.FromDays(1), containerAge: TimeSpan.FromSeconds(10));
        Assert.Equal(MachineResult.Accepted, (await CallAsync(Order())).Result);
        Assert.DoesNotContain($"DELETE {Pod}", _server.Requests);
    }

    [Fact]
    public async Task PodOfADeadNode_ThatTerminatesForEver_IsDeletedWithoutGrace()
    {
        _server.Put(Pod, age: TimeSpan.FromSeconds(1));
        _server.Terminate(Pod);
        Assert.Equal(MachineResult.Accepted, (await CallAsync(Order())).Result);
        Assert.Equal(1, _server.Made);
    }

    [Fact]
    public async Task PodGone_TheOneThatTheStatefulSetMakesIsWaitedFor()
    {
        _server.Remove(Pod);
        var call = CallAsync(Order());
        await Wait.UntilAsync(() => Said.Any(line => line.Contains("a StatefulSet with enough replicas makes it", StringComparison.Ordinal)), "the word");
        _server.Make(Pod);
        Assert.Equal(MachineResult.Accepted, (await call.WaitAsync(Wait.Limit, Stop)).Result);
        Assert.DoesNotContain($"DELETE {Pod}", _server.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PodReplacedBetweenLookAndDelete_TheNewOneIsSpared(bool another)
    {
        _server.BeforeDelete = () =>
        {
            _server.BeforeDelete = null;
            _server.Remove(Pod);
            if (another) _server.Make(Pod);
        };
        var call = CallAsync(Order());
        await Wait.UntilAsync(() => Said.Any(line => line.Contains("is replaced by somebody else", StringComparison.Ordinal)), "the 404 or 409");
        if (!another) _server.Make(Pod);

        Assert.Equal(MachineResult.Accepted, (await call.WaitAsync(Wait.Limit, Stop)).Result);
        Assert.Equal(1, _server.Made);
    }

    public static TheoryData<string, int, string, string[]> Refusals => new()
    {
        { "GET", 403, "Forbidden", ["403", "pods is forbidden", "get and delete pods in training"] },
        { "DELETE", 403, "Forbidden", ["403", "get and delete pods in training"] },
        { "GET", 401, "Unauthorized", ["401", "service account"] },
        { "GET", 410, "Expired", ["410", $"training/{Pod}"] },
        { "DELETE", 429, "TooManyRequests", ["429"] },
        { "DELETE", 500, "InternalError", ["500", "pods is forbidden"] },
        { "GET", 503, "ServiceUnavailable", ["503"] },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task ServerRefuses_FailsWithItsWords_AndTheNextAttemptGoesOn(string method, int code, string reason, string[] parts)
    {
        _server.Refusal = (method, code, reason, "pods is forbidden");
        var outcome = await CallAsync(Order());
        Assert.Equal(MachineResult.Failed, outcome.Result);
        Assert.All(parts, part => Assert.Contains(part, outcome.Reason));

        _server.Refusal = null;
        Assert.Equal(MachineResult.Accepted, (await CallAsync(Order() with { Attempt = 2 })).Result);
        Assert.Equal(1, _server.Made);
    }

    [Fact]
    public async Task ServerTakesTheRequestAndDoesNotAnswer_TimesOut()
    {
        _server.IsDeaf = true;
        Assert.Equal(MachineResult.TimedOut, (await CallAsync(Order() with { Limit = TimeSpan.FromSeconds(1) })).Result);
    }

    [Fact]
    public async Task ServerGone_FailsAtOnce()
    {
        await _server.DisposeAsync();
        var outcome = await CallAsync(Order());
        Assert.Equal(MachineResult.Failed, outcome.Result);
        Assert.StartsWith("the API server cannot be reached", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_NoKubeconfig_OrOutsideOfACluster_NamesTheFix()
    {
        var missing = Assert.Throws<BadInputException>(() =>
            KubernetesOperator.Create(new() { Kubeconfig = Path.Combine(_folder.Path, "none") }, TimeProvider.System));
        Assert.Contains("machines.kubernetes", missing.Message);
        var outside = Assert.Throws<BadInputException>(() => KubernetesOperator.Create(new(), TimeProvider.System));
        Assert.Contains("service account", outside.Message);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Uses a kubeconfig file, as outside of a cluster.</summary>
    private KubernetesOperator Create(string server)
    {
        var kubeconfig = _folder.Write("kubeconfig", $"""
            apiVersion: v1
            kind: Config
            current-context: test
            contexts:
            - name: test
              context:
                cluster: test
                user: test
                namespace: training
            clusters:
            - name: test
              cluster:
                server: "{server}"
            users:
            - name: test
              user:
                token: secret
            """);
        var configuration = new KubernetesMachinesConfiguration { Kubeconfig = kubeconfig, Pod = "gemini-{host}" };
        return KubernetesOperator.Create(configuration, TimeProvider.System, pollPeriod: TimeSpan.FromMilliseconds(10));
    }
}
