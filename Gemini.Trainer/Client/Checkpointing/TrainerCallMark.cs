using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Wire;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>Puts a trainer's <see cref="CallMark"/> on its calls. Without it the silo refuses calls that only trainers may make.</summary>
internal sealed class TrainerCallMark(CallMark marks) : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        RequestContext.Set(CallMark.Key, marks.Of(CallerKind.Trainer)!);
        await context.Invoke();
    }
}
