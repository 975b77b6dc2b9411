namespace Gemini.Silo.Status;

/// <summary>Something that an operator should know.</summary>
/// <param name="Text">A line for people.</param>
/// <param name="Degrades">Whether it makes a job that trains unsafe.</param>
internal readonly record struct StatusWarning(string Text, bool Degrades = false)
{
    public override string ToString() => Text;
}
