using System.Reflection;
using Gemini.Interfaces.Wire;

namespace Gemini.Interfaces.Tests.Wire;

public sealed class TrainerEnvironmentTests
{
    /// <summary>A silo starts a user's program, which may refer to the library of another version.</summary>
    [Fact]
    public void Variables_HaveTheirNames() => Assert.Equal(
        [
            "Check=GEMINI_CHECK", "ClusterId=GEMINI_CLUSTER_ID", "DrillSocket=GEMINI_DRILL_SOCKET", "Gateway=GEMINI_GATEWAY", "Host=GEMINI_HOST",
            "Job=GEMINI_JOB", "LocalIndex=GEMINI_LOCAL_INDEX", "LockFile=GEMINI_LOCK_FILE", "NetworkPage=GEMINI_NETWORK_PAGE",
            "Ports=GEMINI_PORTS", "Program=GEMINI_PROGRAM", "RingAddress=GEMINI_RING_ADDRESS", "SecretFile=GEMINI_SECRET_FILE", "ServiceId=GEMINI_SERVICE_ID", "Socket=GEMINI_SOCKET",
            "Spare=GEMINI_SPARE",
        ],
        typeof(TrainerEnvironment).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => $"{field.Name}={field.GetRawConstantValue()}").Order(StringComparer.Ordinal));
}
