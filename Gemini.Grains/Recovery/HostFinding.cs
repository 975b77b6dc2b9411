using Gemini.Grains.Health;

namespace Gemini.Grains.Recovery;

/// <summary>What the <see cref="FailureClassifier"/> found about a host.</summary>
internal readonly record struct HostFinding(HostView Host, HealthVerdict Verdict, string Reason);
