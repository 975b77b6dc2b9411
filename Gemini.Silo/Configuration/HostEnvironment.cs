using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace Gemini.Silo.Configuration;

/// <summary>
/// The environment variables that set properties of a host: GEMINI__HOST__SILOPORT is host.siloPort. Two underscores after GEMINI, because
/// GEMINI_HOST and others are what a host tells its trainers, and what the root agent tells a program that brings machines up.
/// </summary>
internal static class HostEnvironment
{
    public const string Prefix = "GEMINI__";

    private const string OwnSection = "host";

    /// <summary>All that the environment says of this process's host.</summary>
    public static IConfigurationSource Own => new EnvironmentVariablesConfigurationSource { Prefix = Prefix };

    /// <summary>What it says of every host of this machine: not the section "host", which is of one host.</summary>
    public static IConfigurationSource Shared(string prefix = Prefix) => new SharedSource(prefix);

    /// <summary>The variable that sets a property.</summary>
    public static string VariableOf(string path) => Prefix + path.Replace(".", "__", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>For a process that may start another host of this machine: removes what is said of this host alone.</summary>
    public static void RemoveOwn(IDictionary<string, string?> environment) => Remove(environment, $"{Prefix}{OwnSection}__");

    /// <summary>For a process whose host's file says everything.</summary>
    public static void RemoveAll(IDictionary<string, string?> environment) => Remove(environment, Prefix);

    private static void Remove(IDictionary<string, string?> environment, string prefix)
    {
        foreach (var name in environment.Keys.Where(name => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)).ToList()) environment.Remove(name);
    }

    private sealed class SharedSource(string prefix) : EnvironmentVariablesConfigurationProvider(prefix), IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public override void Load()
        {
            base.Load();
            var own = OwnSection + ConfigurationPath.KeyDelimiter;
            foreach (var key in Data.Keys.Where(key => key.StartsWith(own, StringComparison.OrdinalIgnoreCase)).ToList()) Data.Remove(key);
        }
    }
}
