using System.Collections.Immutable;
using Gemini.Grains.Scheduling;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Silo.Transfer;

/// <summary>
/// How this host's trainers use the training network: what they say in their network pages now, and what was learnt from their iterations.
/// </summary>
/// <remarks>
/// All ranks of a host share its network, so it is busy if one of them uses it. They run the same iterations; the first one's are learnt. Thread-safe;
/// a look reads memory and waits for nothing. Ownership: disposing unmaps the pages.
/// </remarks>
/// <param name="paths">The pages of the host's trainers. Each is opened when it exists.</param>
/// <param name="profileIterations">From how many iterations the idle spans are learnt.</param>
/// <param name="feedback">Is told of each iteration that has ended.</param>
/// <param name="time">The clock, the same as the trainers'.</param>
internal sealed class TrainingNetwork(ImmutableArray<string> paths, int profileIterations, TrafficFeedback feedback, TimeProvider time) : IDisposable
{
    /// <summary>How long a page that could not be opened is left alone.</summary>
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    /// <summary>The mean time of an iteration follows a change with 1 / this in each iteration.</summary>
    private const int MeanInertia = 8;

    private readonly Lock _gate = new();
    private readonly NetworkPage?[] _pages = new NetworkPage?[paths.Length];
    private SpanProfile _profile = new(profileIterations);
    private TimeSpan _iteration;
    private NetworkPage? _learntFrom;
    private long _nextIteration;
    private long? _lastTry;
    private bool _disposed;

    /// <summary>What is known now. The caller adds what it wants to send.</summary>
    public SendFacts Look()
    {
        lock (_gate)
        {
            OpenPages();
            NetworkMoment? first = null;
            var (isBusy, since) = (false, 0L);
            foreach (var page in _pages)
            {
                if (page?.Now() is not { } moment) continue;
                if (first is null) Learn(page);
                first ??= moment;
                isBusy |= moment.IsBusy;
                since = Math.Max(since, moment.SinceNanoseconds);
            }

            if (first is not { } leader) return new SendFacts { IsTraining = false };
            var unchanged = Math.Max(0, NetworkPage.Nanoseconds(time) - since);
            return new SendFacts
            {
                IsTraining = true,
                IsBusy = isBusy,
                Unchanged = new TimeSpan(unchanged / TimeSpan.NanosecondsPerTick),
                Span = leader.Span,
                Spans = _profile.Spans,
                Iteration = _iteration,
            };
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (var page in _pages) page?.Dispose();
            Array.Clear(_pages);
        }
    }

    private void OpenPages()
    {
        if (_disposed || Array.TrueForAll(_pages, page => page is not null)) return;
        if (_lastTry is { } last && time.GetElapsedTime(last) < RetryPause) return;
        _lastTry = time.GetTimestamp();
        for (var index = 0; index < _pages.Length; index++) _pages[index] ??= TryOpen(paths[index]);
    }

    /// <summary>Null if the trainer has made no page yet, or one that cannot be used. Replicas are then sent as if training stood still.</summary>
    private static NetworkPage? TryOpen(string path)
    {
        try
        {
            return NetworkPage.OpenToRead(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or UntrustedFileException)
        {
            return null;
        }
    }

    /// <summary>Learns from the iterations that have ended since the last call, as far as the page still has them; at first, from all that it has.</summary>
    private void Learn(NetworkPage page)
    {
        var ended = page.Iterations - 1;
        if (page != _learntFrom) (_learntFrom, _nextIteration) = (page, 0);
        _nextIteration = Math.Max(_nextIteration, ended - NetworkPage.IterationSlots);
        for (; _nextIteration < ended; _nextIteration++)
        {
            if (page.Read(_nextIteration) is not { } iteration)
            {
                feedback.Interrupted();
                continue;
            }

            feedback.Ended(iteration);
            _profile = _profile.With(iteration);
            _iteration = _iteration == TimeSpan.Zero ? iteration.Duration : _iteration + ((iteration.Duration - _iteration) / MeanInertia);
        }
    }
}
