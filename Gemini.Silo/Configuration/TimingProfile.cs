using System.Text.Json.Serialization;

namespace Gemini.Silo.Configuration;

/// <summary>How soon a host that does not answer counts as lost.</summary>
[JsonConverter(typeof(TimingProfileConverter))]
public enum TimingProfile
{
    /// <summary>Tolerates a pause of some seconds: for hosts that share their cores with other work.</summary>
    Default,

    /// <summary>A frozen host counts as lost after about two seconds: for dedicated hosts, and for the demo.</summary>
    Fast,
}
