namespace Gemini.Interfaces.Grains;

/// <summary>Who may call a method of a grain. A method without it is for the silos of the job alone.</summary>
/// <param name="caller">The least that a caller must have proved to be.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CallableByAttribute(CallerKind caller) : Attribute
{
    public CallerKind Caller => caller;
}
