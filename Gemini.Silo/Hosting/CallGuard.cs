using System.Collections.Concurrent;
using System.Reflection;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Sockets;

namespace Gemini.Silo.Hosting;

/// <summary>
/// Puts this silo's <see cref="CallMark"/> on its calls. Refuses a call if the caller does not prove the kind that the method requires
/// (<see cref="CallableByAttribute"/>). So a client without the secret can only read the status, and a trainer can only make the calls of a trainer.
/// </summary>
/// <remarks>
/// Orleans' own calls are different. Its runtime delivers some calls to itself without the filter that marks calls, such as a grain's timers. Among
/// Orleans' own calls, only those from a client are refused. A client that lies about its sender can still make them, and so can anyone who reaches
/// the silo port.
/// </remarks>
internal sealed partial class CallGuard(CallMark marks, TimeProvider time, ILogger<CallGuard> logger) : IIncomingGrainCallFilter, IOutgoingGrainCallFilter
{
    /// <summary>Every Orleans client first asks a silo for this: which grain interfaces the cluster knows. The call changes nothing.</summary>
    private const string ManifestInterface = "IClusterManifestSystemTarget";

    /// <summary>
    /// A client decides how often it is refused. So there is one line in this time; it says that the refusals continue, and how many there were.
    /// </summary>
    private static readonly TimeSpan RefusalLogPeriod = TimeSpan.FromSeconds(10);

    private readonly ILogger<CallGuard> _logger = logger;
    private readonly LogThrottle _refusals = new(time, RefusalLogPeriod);
    private readonly ConcurrentDictionary<MethodInfo, CallerKind> _required = new();

    /// <summary>A call that this silo makes.</summary>
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        // A value that is set here is gone when this method returns, but the call has been sent with it by then. A client never gets the mark.
        if (context.TargetId.IsClient()) RequestContext.Remove(CallMark.Key);
        else RequestContext.Set(CallMark.Key, marks.Of(CallerKind.Silo)!);
        await context.Invoke();
    }

    /// <summary>A call that a grain of this silo receives.</summary>
    public Task Invoke(IIncomingGrainCallContext context)
    {
        var caller = marks.CallerOf(RequestContext.Get(CallMark.Key));
        var required = context.InterfaceMethod is { } method ? _required.GetOrAdd(method, RequiredBy) : CallerKind.Silo;
        if (caller >= required || IsOfTheRuntime(context)) return context.Invoke();
        if (_refusals.TryPass(out var more)) LogRefused(context.InterfaceName, context.MethodName, context.SourceId?.ToString() ?? "nobody", required, more);
        throw new UnauthorizedAccessException(
            $"{context.InterfaceName}.{context.MethodName} can be called only by a {required} of the job; the caller has not proved that it is one.");
    }

    private static bool IsOfTheRuntime(IIncomingGrainCallContext context) =>
        context.InterfaceMethod?.DeclaringType?.Assembly != typeof(CallableByAttribute).Assembly && context.SourceId is { } source && !source.IsClient();

    private static CallerKind RequiredBy(MethodInfo method) => method.DeclaringType?.Name == ManifestInterface
        ? CallerKind.Anyone
        : method.GetCustomAttribute<CallableByAttribute>()?.Caller ?? CallerKind.Silo;

    [LoggerMessage(EventIds.CallGuardRefused, LogLevel.Warning,
        "Refused a call of {Interface}.{Method} from {Source}, which is no {Required} of this job. Since the last such line, {More} other calls were refused.")]
    private partial void LogRefused(string @interface, string method, string source, CallerKind required, long more);
}
