namespace Gemini.Silo.Configuration;

/// <summary>Hosts that are pods. If a pod is deleted, its StatefulSet creates it again.</summary>
public sealed record KubernetesMachinesConfiguration
{
    /// <summary>The pods' namespace. Default: this pod's own, or that of the kubeconfig's context.</summary>
    public string? Namespace { get; init; }

    /// <summary>The name of a host's pod; {host} stands for the host's name. Default: "{host}".</summary>
    public string Pod { get; init; } = "{host}";

    /// <summary>A kubeconfig file, for hosts outside of the cluster. Default: the service account of this pod.</summary>
    public string? Kubeconfig { get; init; }

    public string PodOf(string host) => Pod.Replace("{host}", host, StringComparison.Ordinal);
}
