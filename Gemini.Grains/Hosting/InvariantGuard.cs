using Gemini.Interfaces;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Hosting;

/// <summary>
/// Ends the activation of a grain that found an invariant of its own violated, and says so in the log. What it knew is wrong; the next activation starts from
/// the record, or empty.
/// </summary>
internal sealed partial class InvariantGuard(ILogger<InvariantGuard> logger) : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (InvariantViolatedException violated)
        {
            LogViolated(violated, context.TargetId);
            context.TargetContext.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, violated.Message));
            // The caller has made no mistake and must not end too: to it, this is a grain that does not answer.
            throw new OrleansException($"{context.TargetId} has stopped: {violated.Message}");
        }
    }

    [LoggerMessage(2160, LogLevel.Critical, "{Grain} found a mistake in this program, and stops")]
    private partial void LogViolated(InvariantViolatedException violated, GrainId grain);
}
