namespace Gemini.Cluster.Tests.Harness;

/// <summary>The lines that a process has printed, and a way to wait for a line. Thread safe.</summary>
internal sealed class OutputLines
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _changed = New();
    private bool _ended;

    public IReadOnlyList<string> All
    {
        get { lock (_gate) return [.. _lines]; }
    }

    public void Add(string line)
    {
        lock (_gate) _lines.Add(line);
        Raise();
    }

    /// <summary>There will be no further lines.</summary>
    public void End()
    {
        lock (_gate) _ended = true;
        Raise();
    }

    /// <summary>The first line from the given index on that satisfies the condition; null if the output ends or the limit passes first.</summary>
    public async Task<(int Index, string Line)?> FindAsync(Func<string, bool> condition, int from, TimeSpan limit)
    {
        using var bound = new CancellationTokenSource(limit);
        for (var index = from; ;)
        {
            Task changed;
            lock (_gate)
            {
                for (; index < _lines.Count; index++)
                {
                    if (condition(_lines[index])) return (index, _lines[index]);
                }

                if (_ended) return null;
                changed = _changed.Task;
            }

            try
            {
                await changed.WaitAsync(bound.Token);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }
    }

    private void Raise()
    {
        TaskCompletionSource changed;
        lock (_gate) (changed, _changed) = (_changed, New());
        changed.TrySetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
