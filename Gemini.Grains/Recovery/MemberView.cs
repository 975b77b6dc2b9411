using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>One silo process in the cluster's membership.</summary>
public readonly record struct MemberView(HostName Host, long Incarnation, bool Dead);
