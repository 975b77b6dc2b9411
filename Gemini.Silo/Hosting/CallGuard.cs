using System.Collections.Concurrent;
using System.Reflection;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Sockets;

namespace Gemini.Silo.Hosting;

/// <summary>
/// Puts this silo's <see cref="CallMark"/> on its calls, and refuses calls to whoever has not proved to be what the method asks for
/// (<see cref="CallableByAttribute"/>). So a client without the secret can read the status and nothing else, and a trainer can only do what is a
/// trainer's.
/// </summary>
/// <remarks>
/// Orleans' own calls are different: its runtime delivers some to itself, such as a grain's timers, past the filter that marks calls. Of these
/// only a call whose sender is a client is refused. A client that lies about its sender gets through to them, as anyone does at the silo port.
/// </remarks>
internal sealed partial class CallGuard(CallMark marks, TimeProvider time, ILogger<CallGuard> logger) : IIncomingGrainCallFilter, IOutgoingGrainCallFilter
{
    /// <summary>What every Orleans client asks a silo for first: which grain interfaces the cluster knows. It changes nothing.</summary>
    private const string ManifestInterface = "IClusterManifestSystemTarget";

    /// <summary>A client decides how often it is refused. One line in this time says that it goes on, and how often it was.</summary>
    private static readonly TimeSpan RefusalLogPeriod = TimeSpan.FromSeconds(10);

    private readonly ILogger<CallGuard> _logger = logger;
    private readonly LogThrottle _refusals = new(time, RefusalLogPeriod);
    private readonly ConcurrentDictionary<MethodInfo, CallerKind> _required = new();

    /// <summary>A call that this silo makes.</summary>
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        // What is set here is gone when this method returns; the call has been sent by then, with what was set. No client is given the mark.
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
            $"{context.InterfaceName}.{context.MethodName} can be called by a {required} of the job only; the call does not prove to be of one.");
    }

    private static bool IsOfTheRuntime(IIncomingGrainCallContext context) =>
        context.InterfaceMethod?.DeclaringType?.Assembly != typeof(CallableByAttribute).Assembly && context.SourceId is { } source && !source.IsClient();

    private static CallerKind RequiredBy(MethodInfo method) => method.DeclaringType?.Name == ManifestInterface
        ? CallerKind.Anyone
        : method.GetCustomAttribute<CallableByAttribute>()?.Caller ?? CallerKind.Silo;

    [LoggerMessage(3180, LogLevel.Warning,
        "Refused {Interface}.{Method} to {Source}, which is no {Required} of this job. Since the last such line {More} other calls were refused.")]
    private partial void LogRefused(string @interface, string method, string source, CallerKind required, long more);
}
