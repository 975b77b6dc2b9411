using Gemini.Silo.Configuration;
using k8s;
using k8s.Models;

namespace Gemini.Silo.Tests.Machines;

/// <summary>deploy/kubernetes/gemini.yaml parses as the kinds that it declares, and its parts fit together. It is never applied.</summary>
public sealed class KubernetesManifestTests
{
    private static readonly IReadOnlyList<object> Objects = KubernetesYaml.LoadAllFromString(
        File.ReadAllText(Repository.PathOf("deploy/kubernetes/gemini.yaml")));

    private static readonly V1StatefulSet Set = Objects.OfType<V1StatefulSet>().Single(set => set.Metadata.Name == "gemini");

    private static readonly V1StatefulSet Redis = Objects.OfType<V1StatefulSet>().Single(set => set.Metadata.Name == "gemini-redis");

    [Fact]
    public void Pods_AreTheJobsHostsAndStandbys_AndTheOperatorKnowsThemByName()
    {
        var configuration = Load("gemini-4", "10.1.2.3");

        var pods = Enumerable.Range(0, Set.Spec.Replicas!.Value).Select(ordinal => $"{Set.Metadata.Name}-{ordinal}");
        Assert.Equal(pods, configuration.Job.Hosts.Concat(configuration.Job.Standbys));
        Assert.All(configuration.Job.Hosts, host => Assert.Equal(host, configuration.Machines!.Kubernetes!.PodOf(host)));
        Assert.Equal(("gemini-4", "10.1.2.3"), (configuration.Host.Name, configuration.Host.Address));
    }

    [Fact]
    public void Container_HasTheConfigurationsPorts_ItsMemoryAndItsSecret()
    {
        var configuration = Load("gemini-0", "10.1.2.3");
        var container = Set.Spec.Template.Spec.Containers.Single();

        int[] ports = [configuration.Host.SiloPort, configuration.Host.DataPort, configuration.Host.WebPort];
        Assert.Equal(ports, container.Ports.Select(port => port.ContainerPort));
        var mounts = container.VolumeMounts.ToDictionary(mount => mount.Name, mount => mount.MountPath);
        Assert.StartsWith(mounts["memory"] + "/", configuration.MemoryRoot, StringComparison.Ordinal);
        Assert.StartsWith(mounts["secret"] + "/", configuration.SecretFile, StringComparison.Ordinal);
        Assert.Equal("Memory", Set.Spec.Template.Spec.Volumes.Single(volume => volume.Name == "memory").EmptyDir.Medium);
        Assert.Contains(Objects.OfType<V1Service>(), service => configuration.Redis == $"{service.Metadata.Name}:{service.Spec.Ports[0].Port}");
    }

    [Fact]
    public void Container_TellsTheHostItsNameAndAddress()
    {
        var container = Set.Spec.Template.Spec.Containers.Single();

        Assert.Equal(["gemini", "host", "--config", "/etc/gemini/host.json", "--name", "$(POD)", "--address", "$(ADDRESS)"], container.Command);
        Assert.Equal(["metadata.name", "status.podIP"], container.Env.Select(variable => variable.ValueFrom.FieldRef.FieldPath));
    }

    [Fact]
    public void Redis_KeepsItsData()
    {
        var container = Redis.Spec.Template.Spec.Containers.Single();
        var claim = Redis.Spec.VolumeClaimTemplates.Single().Metadata.Name;

        Assert.Equal("yes", container.Args[container.Args.IndexOf("--appendonly") + 1]);
        Assert.Equal(container.VolumeMounts.Single(mount => mount.Name == claim).MountPath, container.Args[container.Args.IndexOf("--dir") + 1]);
    }

    [Fact]
    public void Operator_MayDoWhatItDoes_AndNothingElse()
    {
        var rule = Objects.OfType<V1Role>().Single().Rules.Single();
        Assert.Equal(["get", "delete"], rule.Verbs);
        Assert.Equal(["pods"], rule.Resources);
        var binding = Objects.OfType<V1RoleBinding>().Single();
        Assert.Equal(Objects.OfType<V1Role>().Single().Metadata.Name, binding.RoleRef.Name);
        Assert.Equal(Set.Spec.Template.Spec.ServiceAccountName, binding.Subjects.Single().Name);
        Assert.Equal(Set.Spec.Template.Spec.ServiceAccountName, Objects.OfType<V1ServiceAccount>().Single().Metadata.Name);
    }

    private static HostConfiguration Load(string pod, string address)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("host.json", Objects.OfType<V1ConfigMap>().Single().Data["host.json"]);
        return HostSettings.Read(path, [new("host.name", pod, "--name"), new("host.address", address, "--address")]).Configuration;
    }
}
