using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>One or more failures that are recovered from together.</summary>
/// <param name="Kind">Hardware when any host is lost.</param>
/// <param name="Hosts">All hosts that failed or whose trainers did.</param>
/// <param name="LostHosts">The hosts that are gone.</param>
/// <param name="FailedAt">The earliest sign of it, Unix milliseconds.</param>
/// <param name="Reason">For people.</param>
internal sealed record Failure(
    FailureKind Kind, ImmutableArray<HostName> Hosts, ImmutableArray<HostName> LostHosts, long FailedAt, string Reason);
