using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>One or more failures that one recovery handles together.</summary>
/// <param name="Kind"><see cref="FailureKind.Hardware"/> if any host failed. <see cref="FailureKind.Planned"/> if all hosts in question were told to
/// stop.</param>
/// <param name="Hosts">All hosts that failed, and all hosts with a failed trainer.</param>
/// <param name="LostHosts">The hosts that failed themselves: each loses its position.</param>
/// <param name="FailedAt">The earliest sign of it, Unix milliseconds.</param>
/// <param name="Reason">For people.</param>
internal sealed record Failure(
    FailureKind Kind, ImmutableArray<HostName> Hosts, ImmutableArray<HostName> LostHosts, long FailedAt, string Reason);
