using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gemini.Silo.Tests.Machines;

/// <summary>
/// A Kubernetes API server on a real socket, for pods of one StatefulSet only. It has reads, deletes with uid preconditions and grace, Status objects
/// for refusals, and its own clock. Behind it a StatefulSet makes a deleted pod again, under a new uid. At each read the pod advances one step:
/// unschedulable, creating, running, ready.
/// </summary>
internal sealed class ScriptedApiServer : IAsyncDisposable
{
    private const string Space = "training";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, JsonObject> _pods = [];
    private readonly TaskCompletionSource _closed = new();
    private readonly Lock _lock = new();
    private int _inFlight;
    private int _uids;
    private long _version;

    private ScriptedApiServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapMethods("/api/v1/namespaces/{space}/pods/{name}", ["GET", "DELETE"], AnswerAsync);
    }

    /// <summary>"http://127.0.0.1:port".</summary>
    public string Address => _app.Urls.First();

    /// <summary>How far its clock is ahead of this machine's.</summary>
    public TimeSpan ClockAhead { get; set; } = TimeSpan.FromHours(5);

    /// <summary>The method, code, reason and message of a refusal. Requests of this method are refused while it is set.</summary>
    public (string Method, int Code, string Reason, string Message)? Refusal { get; set; }

    /// <summary>Requests are accepted and never answered.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>New pods stay unschedulable.</summary>
    public bool IsFull { get; set; }

    /// <summary>Runs between the arrival of a delete and its handling.</summary>
    public Action? BeforeDelete { get; set; }

    /// <summary>Every request: "GET host-b", "DELETE host-b".</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Whether no request is being answered.</summary>
    public bool IsIdle => Volatile.Read(ref _inFlight) == 0;

    /// <summary>How many pods the StatefulSet has made to replace others.</summary>
    public int Made { get; private set; }

    public static async Task<ScriptedApiServer> StartAsync()
    {
        var server = new ScriptedApiServer();
        await server._app.StartAsync();
        return server;
    }

    public string UidOf(string name) => (string)_pods[name]["metadata"]!["uid"]!;

    /// <summary>A pod that has been ready for some time.</summary>
    public void Put(string name, TimeSpan age, TimeSpan? containerAge = null)
    {
        lock (_lock)
        {
            _pods[name] = NewPod(name, age);
            SetStatus(_pods[name], step: 3, containerAge ?? age);
        }
    }

    public void Remove(string name) => _pods.TryRemove(name, out _);

    /// <summary>Acts like the StatefulSet's controller after a pod is gone.</summary>
    public void Make(string name)
    {
        lock (_lock)
        {
            _pods[name] = NewPod(name, TimeSpan.Zero);
            SetStatus(_pods[name], step: 0, TimeSpan.Zero);
            Made++;
        }
    }

    /// <summary>The pod was deleted with grace, and its node does not answer.</summary>
    public void Terminate(string name) => _pods[name]["metadata"]!["deletionTimestamp"] = Time(TimeSpan.Zero);

    public async ValueTask DisposeAsync()
    {
        _closed.TrySetResult();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["name"]!;
        Requests.Enqueue($"{context.Request.Method} {name}");
        Interlocked.Increment(ref _inFlight);
        try
        {
            if (IsDeaf) await _closed.Task.WaitAsync(context.RequestAborted);
            else await AnswerAsync(context, name);
        }
        catch (OperationCanceledException)
        {
            // The caller has closed the connection.
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private async Task AnswerAsync(HttpContext context, string name)
    {
        context.Response.Headers.Date = (DateTimeOffset.Parse(Time(TimeSpan.Zero), CultureInfo.InvariantCulture)).ToString("R", CultureInfo.InvariantCulture);
        if (Refusal is { } refusal && refusal.Method == context.Request.Method)
            await RefuseAsync(context, refusal.Code, refusal.Reason, refusal.Message);
        else if ((string)context.Request.RouteValues["space"]! != Space)
            await RefuseAsync(context, 404, "NotFound", "no such namespace");
        else if (context.Request.Method == "GET")
            await ReadAsync(context, name);
        else
            await DeleteAsync(context, name);
    }

    private async Task ReadAsync(HttpContext context, string name)
    {
        string? pod;
        lock (_lock)
        {
            pod = _pods.TryGetValue(name, out var found) ? found.ToJsonString() : null;
            if (found is not null && found["metadata"]!["deletionTimestamp"] is null) Advance(found);
        }

        if (pod is null) await RefuseAsync(context, 404, "NotFound", $"pods \"{name}\" not found");
        else await WriteAsync(context, 200, pod);
    }

    private async Task DeleteAsync(HttpContext context, string name)
    {
        var options = (await JsonSerializer.DeserializeAsync<JsonObject>(context.Request.Body))!;
        BeforeDelete?.Invoke();
        string? deleted = null;
        (int Code, string Reason, string Message) refusal = (404, "NotFound", $"pods \"{name}\" not found");
        lock (_lock)
        {
            if (_pods.TryGetValue(name, out var pod))
            {
                var wanted = (string?)options["preconditions"]?["uid"];
                var uid = UidOf(name);
                if (wanted is not null && wanted != uid)
                {
                    refusal = (409, "Conflict", $"Precondition failed: UID in precondition: {wanted}, UID in object meta: {uid}");
                }
                else
                {
                    deleted = pod.ToJsonString();
                    // With grace, the pod stays until its kubelet confirms the end. The kubelet of a dead node never does.
                    if ((int?)options["gracePeriodSeconds"] == 0) Make(name);
                    else Terminate(name);
                }
            }
        }

        if (deleted is null) await RefuseAsync(context, refusal.Code, refusal.Reason, refusal.Message);
        else await WriteAsync(context, 200, deleted);
    }

    private void Advance(JsonObject pod)
    {
        var step = int.Parse((string)pod["metadata"]!["annotations"]!["step"]!, CultureInfo.InvariantCulture);
        if (step < 3 && !IsFull) SetStatus(pod, step + 1, TimeSpan.Zero);
    }

    private JsonObject NewPod(string name, TimeSpan age) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Pod",
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = Space,
            ["uid"] = $"uid-{++_uids}",
            ["creationTimestamp"] = Time(age),
        },
    };

    private void SetStatus(JsonObject pod, int step, TimeSpan containerAge)
    {
        pod["metadata"]!["annotations"] = new JsonObject { ["step"] = step.ToString(CultureInfo.InvariantCulture) };
        pod["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
        JsonObject state = step >= 2
            ? new() { ["running"] = new JsonObject { ["startedAt"] = Time(containerAge) } }
            : new() { ["waiting"] = new JsonObject { ["reason"] = "ContainerCreating" } };
        var containers = new JsonArray(new JsonObject
        {
            ["name"] = "gemini",
            ["state"] = state,
            ["ready"] = step == 3,
            ["restartCount"] = 0,
            ["image"] = "i",
            ["imageID"] = "",
        });
        JsonObject condition = step == 0
            ? new() { ["type"] = "PodScheduled", ["status"] = "False", ["reason"] = "Unschedulable", ["message"] = "0/4 nodes are available" }
            : new() { ["type"] = "Ready", ["status"] = step == 3 ? "True" : "False" };
        pod["status"] = new JsonObject { ["phase"] = step >= 2 ? "Running" : "Pending", ["conditions"] = new JsonArray(condition) };
        if (step > 0) pod["status"]!["containerStatuses"] = containers;
    }

    private string Time(TimeSpan age) =>
        (TimeProvider.System.GetUtcNow() + ClockAhead - age).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static Task RefuseAsync(HttpContext context, int code, string reason, string message) => WriteAsync(context, code, new JsonObject
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["status"] = "Failure",
        ["message"] = message,
        ["reason"] = reason,
        ["code"] = code,
    }.ToJsonString());

    private static Task WriteAsync(HttpContext context, int code, string json)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    }
}
