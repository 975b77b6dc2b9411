using Gemini.Silo.Processes;
using Microsoft.Win32.SafeHandles;

namespace Gemini.Silo.Trainers;

/// <summary>
/// Notices the death of a process when it begins. A killed process first frees its memory, which takes hundreds of milliseconds if the memory is
/// large. Only afterwards it closes its sockets and can be collected. The kernel's flags in <c>/proc/PID/stat</c> show a fatal signal before all
/// that. Neither the end of a socket nor a pidfd is as early.
/// </summary>
/// <remarks>
/// One thread checks all trainers of a host a hundred times a second while they train, and ten times a second otherwise. One check takes about ten
/// microseconds, but a virtual machine may need ten times as long to wake the thread up. The open file belongs to the process and not to its process
/// id: it shows nothing of a later process with the same id.
/// </remarks>
/// <param name="isTraining">Whether a trainer of the host trains. Asked in every check, so it must be quick.</param>
internal sealed class DeathWatch(Func<bool> isTraining) : IDisposable
{
    /// <summary>A tenth of the time in which a dead trainer must be noticed.</summary>
    internal static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    /// <summary>While nobody trains, a death interrupts nothing.</summary>
    internal static readonly TimeSpan RestPeriod = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly List<Watched> _watched = [];
    // Nobody is in a hurry to stop, so no time is spent on spinning before each wait.
    private readonly ManualResetEventSlim _stop = new(initialState: false, spinCount: 0);
    private Thread? _thread;

    /// <summary>
    /// Calls <paramref name="killed"/> once, on the watch's thread, when a signal is killing the process; never if the process exits by itself.
    /// </summary>
    /// <returns>Dispose it to end the watch. A process whose file cannot be opened is not watched; its socket or its exit will show its death.</returns>
    public IDisposable Watch(int processId, Action killed)
    {
        SafeFileHandle file;
        try
        {
            file = File.OpenHandle($"/proc/{processId}/stat");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Watched(this, null, killed);
        }

        var watched = new Watched(this, file, killed);
        lock (_gate)
        {
            _watched.Add(watched);
            if (_thread is null && !_stop.IsSet)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "death watch" };
                _thread.Start();
            }
        }

        return watched;
    }

    public void Dispose()
    {
        _stop.Set();
        Thread? thread;
        lock (_gate) thread = _thread;
        // A callback may dispose this watch, on this thread. A thread cannot wait for itself.
        if (thread != Thread.CurrentThread) thread?.Join();
    }

    private void Run()
    {
        var buffer = new byte[1024];
        while (!_stop.Wait(isTraining() ? Period : RestPeriod))
        {
            Watched[] watched;
            lock (_gate) watched = [.. _watched];
            foreach (var process in watched) process.Look(buffer);
        }
    }

    private void Remove(Watched watched)
    {
        lock (_gate) _watched.Remove(watched);
    }

    private sealed class Watched(DeathWatch owner, SafeFileHandle? file, Action killed) : IDisposable
    {
        private readonly Lock _gate = new();
        private bool _over;

        public void Look(byte[] buffer)
        {
            lock (_gate)
            {
                if (_over || !IsKilled(buffer)) return;
                _over = true;
            }

            owner.Remove(this);
            file?.Dispose();
            killed();
        }

        public void Dispose()
        {
            lock (_gate)
            {
                if (_over) return;
                _over = true;
            }

            owner.Remove(this);
            file?.Dispose();
        }

        private bool IsKilled(byte[] buffer)
        {
            try
            {
                return ProcStat.Parse(buffer.AsSpan(0, RandomAccess.Read(file!, buffer, 0))) is { IsKilled: true };
            }
            catch (IOException)
            {
                // The process is gone and was collected. The code that collected it reports its end.
                return false;
            }
        }
    }
}
