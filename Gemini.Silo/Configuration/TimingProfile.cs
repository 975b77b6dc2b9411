using System.Text.Json.Serialization;

namespace Gemini.Silo.Configuration;

/// <summary>How soon a host that does not answer is taken for dead.</summary>
[JsonConverter(typeof(TimingProfileConverter))]
public enum TimingProfile
{
    /// <summary>Forgives a pause of some seconds: for hosts that share their cores with other work.</summary>
    Default,

    /// <summary>A frozen host is dead after about two seconds: for dedicated hosts, and for the demo.</summary>
    Fast,
}
