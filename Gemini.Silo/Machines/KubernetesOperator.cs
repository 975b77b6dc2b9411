using System.Net;
using Gemini.Grains.Machines;
using Gemini.Silo.Configuration;
using k8s;
using k8s.Autorest;
using k8s.Exceptions;
using k8s.Models;

namespace Gemini.Silo.Machines;

/// <summary>
/// For hosts that are pods of a StatefulSet. Deletes the lost host's pod without grace, and only if it is still the pod that was looked at
/// (precondition: its uid). Then waits until the pod that the StatefulSet makes in its place is ready.
/// </summary>
/// <remarks>
/// <para>A pod, or a container in it, that is younger than the loss is the replacement. An earlier call, a person or the kubelet made it; wait for
/// it. Ages use only the API server's clock, and durations only the root agent's, so the two clocks need not agree.</para>
/// <para>Grace 0 is necessary to remove the pod of a node that does not answer; before that, the StatefulSet makes no other pod of this name. If the
/// old pod still runs behind a cut cable, nobody accepts its messages: its epoch is over, as for any host that was declared dead.</para>
/// <para>An error of the API server ends the attempt; the next attempt tries again. Only reads and deletes of pods are needed. The operator polls:
/// one read a second, for minutes, once per lost host.</para>
/// </remarks>
internal sealed class KubernetesOperator(IKubernetes api, string space, Func<string, string> podOf, TimeProvider time, TimeSpan pollPeriod)
    : IMachineOperator
{
    /// <param name="configuration">The configuration of this operator.</param>
    /// <param name="time">Measures pauses.</param>
    /// <param name="pollPeriod">The pause between two looks at the pod. Default: 1 s.</param>
    /// <exception cref="BadInputException">There is no access to an API server, or no namespace.</exception>
    public static KubernetesOperator Create(KubernetesMachinesConfiguration configuration, TimeProvider time, TimeSpan? pollPeriod = null)
    {
        try
        {
            var access = configuration.Kubeconfig is { } file
                ? KubernetesClientConfiguration.BuildConfigFromConfigFile(file)
                : KubernetesClientConfiguration.InClusterConfig();
            var space = configuration.Namespace ?? access.Namespace ?? "default";
            return new KubernetesOperator(new Kubernetes(access), space, configuration.PodOf, time, pollPeriod ?? TimeSpan.FromSeconds(1));
        }
        catch (Exception error) when (error is KubeConfigException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"machines.kubernetes: {error.Message.ReplaceLineEndings(" ")}. "
                + "Inside of a cluster, give the pod a service account (deploy/kubernetes has one); outside, name a kubeconfig file.");
        }
    }

    public async Task<MachineOutcome> BringUpAsync(MachineOrder order, Action<string> say, CancellationToken ct)
    {
        var name = podOf(order.Host.Value);
        var started = time.GetTimestamp();
        var said = "";
        try
        {
            while (true)
            {
                var (pod, serverNow) = await ReadAsync(name, ct);
                var state = await AdvanceAsync(pod, name, order.MissingFor + time.GetElapsedTime(started), serverNow, ct);
                if (state.IsReady) return MachineOutcome.Accepted(state.Words);
                if (state.Words != said) say(said = state.Words);
                await Task.Delay(pollPeriod, time, ct);
            }
        }
        catch (HttpOperationException error)
        {
            return MachineOutcome.Failed(Explain(error, name));
        }
        catch (Exception error) when (error is HttpRequestException || (error is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return MachineOutcome.Failed($"the API server cannot be reached: {error.Message}");
        }
    }

    /// <summary>Looks at the pod and deletes it if it is the lost one.</summary>
    private async Task<(bool IsReady, string Words)> AdvanceAsync(
        V1Pod? pod, string name, TimeSpan missingFor, DateTime serverNow, CancellationToken ct)
    {
        if (pod is null) return (false, $"there is no pod {space}/{name} yet; a StatefulSet with enough replicas makes it");
        if (IsReplacement(pod, missingFor, serverNow)) return (IsReady(pod), $"pod {name} ({pod.Uid()}) is {Describe(pod)}");
        try
        {
            await api.CoreV1.DeleteNamespacedPodAsync(
                name, space, new V1DeleteOptions { GracePeriodSeconds = 0, Preconditions = new V1Preconditions { Uid = pod.Uid() } }, cancellationToken: ct);
            return (false, $"pod {name} ({pod.Uid()}) is deleted");
        }
        catch (HttpOperationException error) when (error.Response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            return (false, $"pod {name} ({pod.Uid()}) is replaced by somebody else");
        }
    }

    /// <summary>
    /// Whether the pod came up after the loss. A pod that has no container yet and is not being deleted is also a replacement, because the lost host
    /// had containers.
    /// </summary>
    private static bool IsReplacement(V1Pod pod, TimeSpan missingFor, DateTime serverNow)
    {
        if (pod.Metadata.DeletionTimestamp is not null) return false;
        var started = (pod.Status?.ContainerStatuses ?? []).Select(container => container.State?.Running?.StartedAt).ToList();
        var born = started.Append(pod.Metadata.CreationTimestamp).Max();
        return born is not { } at || serverNow - at < missingFor || (pod.Status?.Phase == "Pending" && started.TrueForAll(start => start is null));
    }

    private static bool IsReady(V1Pod pod) => pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    private static string Describe(V1Pod pod)
    {
        if (IsReady(pod)) return "ready";
        var why = pod.Status?.ContainerStatuses?.Select(container => container.State?.Waiting).FirstOrDefault(waiting => waiting is not null) is { } waiting
            ? $"{waiting.Reason} {waiting.Message}"
            : pod.Status?.Conditions?.FirstOrDefault(condition => condition.Status == "False" && condition.Message is not null) is { } condition
                ? $"{condition.Reason} {condition.Message}"
                : "";
        return $"{pod.Status?.Phase ?? "new"} {why}".TrimEnd();
    }

    private async Task<(V1Pod? Pod, DateTime ServerNow)> ReadAsync(string name, CancellationToken ct)
    {
        try
        {
            using var answer = await api.CoreV1.ReadNamespacedPodWithHttpMessagesAsync(name, space, cancellationToken: ct);
            return (answer.Body, (answer.Response.Headers.Date ?? time.GetUtcNow()).UtcDateTime);
        }
        catch (HttpOperationException error) when (error.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return (null, default);
        }
    }

    private string Explain(HttpOperationException error, string name)
    {
        var code = error.Response.StatusCode;
        var message = KubernetesStatus.MessageOf(error.Response.Content);
        return code switch
        {
            HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized =>
                $"the API server refuses ({(int)code}: {message}); let this pod's service account get and delete pods in {space}, as deploy/kubernetes does",
            _ => $"the API server answered {(int)code} for pod {space}/{name}: {message}",
        };
    }
}
