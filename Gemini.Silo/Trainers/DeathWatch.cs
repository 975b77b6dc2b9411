using Gemini.Silo.Processes;
using Microsoft.Win32.SafeHandles;

namespace Gemini.Silo.Trainers;

/// <summary>
/// Sees a process's death when it begins. A killed process first gives up its memory, which takes hundreds of milliseconds where it is
/// large, and only then closes its sockets and becomes collectable; the kernel's flags in <c>/proc/PID/stat</c> show a fatal signal
/// before all that. Neither a socket's end nor a pidfd is earlier.
/// </summary>
/// <remarks>
/// One thread for all of a host's trainers looks a hundred times a second, some ten microseconds each. The open file belongs to the
/// process and not to its number: of a later process with the same number it shows nothing.
/// </remarks>
internal sealed class DeathWatch : IDisposable
{
    /// <summary>A tenth of what a dead trainer may cost until it is known.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();
    private readonly List<Watched> _watched = [];
    private readonly ManualResetEventSlim _stop = new();
    private Thread? _thread;

    /// <summary>Calls back once, on the watch's thread, when the process is being killed; never when it leaves in order.</summary>
    /// <returns>Ends the watch. A process that cannot be looked at is not watched; others will tell of its death.</returns>
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
        // Whoever is called back may be the one that ends the watch.
        if (thread != Thread.CurrentThread) thread?.Join();
    }

    private void Run()
    {
        var buffer = new byte[1024];
        while (!_stop.Wait(Period))
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
                // It is gone and collected: whoever collected it knows.
                return false;
            }
        }
    }
}
