namespace Gemini.Simulation.Engine;

/// <summary>What happened, for people. Kept only in a run that is replayed; the others do not pay for the words.</summary>
internal sealed class Trace(bool isOn)
{
    private readonly List<string> _lines = [];

    public bool IsOn => isOn;

    public IReadOnlyList<string> Lines => _lines;

    public void Add(long now, string who, string what) => _lines.Add($"{now - 1_000_000,8} ms  {who,-6} {what}");
}
