namespace Gemini.Interfaces.Grains;

/// <summary>Who may call a method of a grain. Only silos of the job may call a method without this attribute.</summary>
/// <param name="caller">The lowest kind that the caller must have proved. Higher kinds may call the method too.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CallableByAttribute(CallerKind caller) : Attribute
{
    public CallerKind Caller => caller;
}
