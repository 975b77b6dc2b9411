using Gemini.Interfaces;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Hosting;

/// <summary>
/// If a grain found one of its own invariants violated: logs that, and ends the activation. Its state is wrong; the next activation starts from the
/// record, or empty.
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
            // The caller made no mistake and must not end too. It sees a grain that does not answer.
            throw new OrleansException($"{context.TargetId} has stopped: {violated.Message}");
        }
    }

    [LoggerMessage(EventIds.InvariantViolated, LogLevel.Critical, "{Grain} found a mistake in this program, and stops")]
    private partial void LogViolated(InvariantViolatedException violated, GrainId grain);
}
