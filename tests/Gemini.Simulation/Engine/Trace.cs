namespace Gemini.Simulation.Engine;

/// <summary>The events of a run as text, for people. Only a replayed run keeps it; other runs do not spend time on the text.</summary>
internal sealed class Trace(bool isOn)
{
    private readonly List<string> _lines = [];

    public bool IsOn => isOn;

    public IReadOnlyList<string> Lines => _lines;

    public void Add(long now, string who, string what) => _lines.Add($"{now - 1_000_000,8} ms  {who,-6} {what}");
}
