using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace Gemini.Silo.Configuration;

/// <summary>
/// The environment variables that set properties of a host: GEMINI__HOST__SILOPORT is host.siloPort. Two underscores follow GEMINI, because names
/// such as GEMINI_HOST are taken: a host passes them to its trainers, and the root agent passes them to a program that brings machines up.
/// </summary>
internal static class HostEnvironment
{
    public const string Prefix = "GEMINI__";

    private const string OwnSection = "host";

    /// <summary>The properties that the environment sets for this process's host.</summary>
    public static IConfigurationSource Own => new EnvironmentVariablesConfigurationSource { Prefix = Prefix };

    /// <summary>
    /// The properties that the environment sets for every host of this machine: all except the section "host", which belongs to one host.
    /// </summary>
    public static IConfigurationSource Shared(string prefix = Prefix) => new SharedSource(prefix);

    /// <summary>The variable that sets a property.</summary>
    public static string VariableOf(string path) => Prefix + path.Replace(".", "__", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>For a process that may start another host of this machine: removes the variables for this host alone.</summary>
    public static void RemoveOwn(IDictionary<string, string?> environment) => Remove(environment, $"{Prefix}{OwnSection}__");

    /// <summary>For a process whose host takes every property from its file: removes all variables.</summary>
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
