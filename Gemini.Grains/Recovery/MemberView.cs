using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>One silo process as the cluster's membership sees it.</summary>
public readonly record struct MemberView(HostName Host, long Incarnation, bool Dead);
