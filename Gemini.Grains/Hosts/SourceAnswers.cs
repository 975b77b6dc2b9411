using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>
/// The order in which the sources of a copy are asked: each source once, best first; then, after a pause, again those that could not be reached. Pure.
/// </summary>
/// <param name="sources">Best first.</param>
internal sealed class SourceAnswers(IReadOnlyList<HostName> sources)
{
    /// <summary>
    /// How often a source that cannot be reached is asked. A broken connection can be made again within a second, or not at all.
    /// </summary>
    private const int RoundLimit = 3;

    /// <summary>The first pause; it doubles with every round. A port that is being opened again is open by then.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    private readonly List<string> _answers = [];
    private List<HostName> _asked = [.. sources];
    private List<HostName> _askAgain = [];
    private int _index;
    private int _round;

    /// <summary>The source to ask now; null if none is left.</summary>
    public HostName? Next => _index < _asked.Count ? _asked[_index] : null;

    /// <summary>How long to wait before <see cref="Next"/> is asked; null: ask at once.</summary>
    public TimeSpan? PauseBefore => _round > 0 && _index == 0 ? FirstPause * (1 << (_round - 1)) : null;

    /// <summary>The source that was asked last does not give the copy.</summary>
    /// <param name="answer">The answer of the source, for people.</param>
    /// <param name="mayPass">The source could not be reached, or the connection broke: it is worth asking again.</param>
    public void Add(string answer, bool mayPass)
    {
        if (_round == 0 || !_answers.Contains(answer)) _answers.Add(answer);
        if (mayPass) _askAgain.Add(_asked[_index]);
        if (++_index < _asked.Count || ++_round >= RoundLimit) return;
        (_asked, _askAgain, _index) = (_askAgain, [], 0);
    }

    public override string ToString() => _answers.Count == 0 ? "the plan has no source" : string.Join("; ", _answers);
}
