namespace Gemini.Silo.Configuration;

/// <summary>What the command line says about this host in place of the configuration file, so that one file serves all machines.</summary>
/// <param name="Name">Instead of host.name; null: as in the file.</param>
/// <param name="Address">Instead of host.address; null: as in the file.</param>
internal readonly record struct HostOverrides(string? Name, string? Address)
{
    public HostIdentityConfiguration Apply(HostIdentityConfiguration host) => host with { Name = Name ?? host.Name, Address = Address ?? host.Address };
}
