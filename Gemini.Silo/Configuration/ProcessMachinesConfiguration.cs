namespace Gemini.Silo.Configuration;

/// <summary>Hosts that are processes of this machine.</summary>
public sealed record ProcessMachinesConfiguration
{
    /// <summary>The folder that holds NAME.json for every host and standby. Default: the folder of this file.</summary>
    public string Configurations { get; init; } = ".";
}
