using System.Buffers.Text;
using System.Globalization;

namespace Gemini.Silo.Processes;

/// <summary>What the kernel says about a process in <c>/proc/PID/stat</c>; see proc(5).</summary>
/// <param name="State">One letter. 'Z' is a process that has ended, and that its parent has not collected yet.</param>
/// <param name="Parent">Process id of its parent.</param>
/// <param name="Group">Process id of its group's leader.</param>
/// <param name="Session">Process id of its session's leader.</param>
/// <param name="Flags">The kernel's PF_ bits.</param>
/// <param name="StartTicks">When it was started, in ticks of 10 ms since the machine started.</param>
internal readonly record struct ProcStat(char State, int Parent, int Group, int Session, ulong Flags, ulong StartTicks)
{
    /// <summary>PF_SIGNALED.</summary>
    private const ulong KilledBySignal = 0x400;

    /// <summary>The same on every Linux that .NET supports.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>Whether it runs. False if it has ended, even if it was not collected yet.</summary>
    public bool IsRunning => State is not ('Z' or 'X');

    /// <summary>Whether a signal has killed it. A process that exits by itself shows PF_EXITING, but not this flag.</summary>
    public bool IsKilled => (Flags & KilledBySignal) != 0;

    /// <summary>What the kernel says about this process; null if it does not exist, or if this program may not read it.</summary>
    public static ProcStat? Of(int processId)
    {
        try
        {
            return Parse(File.ReadAllBytes($"/proc/{processId}/stat"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads "pid (name) state parent group session ..."; null if the line is not complete. Allocates nothing.</summary>
    /// <param name="line">The line as the kernel writes it. Fields after the start time are ignored.</param>
    public static ProcStat? Parse(ReadOnlySpan<byte> line)
    {
        // The name may contain anything, also spaces and parentheses. Only numbers follow it, so the last parenthesis ends the name.
        var end = line.LastIndexOf((byte)')');
        if (end < 0) return null;
        var fields = line[(end + 1)..];
        var state = Next(ref fields);
        var isWhole = state.Length == 1 & TryNext(ref fields, out int parent) & TryNext(ref fields, out int group) & TryNext(ref fields, out int session);
        Skip(ref fields, 2); // tty_nr, tpgid
        isWhole &= TryNext(ref fields, out ulong flags);
        Skip(ref fields, 12); // minflt to itrealvalue
        isWhole &= TryNext(ref fields, out ulong startTicks);
        return isWhole ? new ProcStat((char)state[0], parent, group, session, flags, startTicks) : null;
    }

    /// <summary>How long it has run, never negative; null if the machine does not say how long it has run itself.</summary>
    public TimeSpan? Age()
    {
        try
        {
            var up = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
            return TimeSpan.FromSeconds(Math.Max(0, up - (StartTicks / TicksPerSecond)));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static bool TryNext(ref ReadOnlySpan<byte> fields, out int value) => Utf8Parser.TryParse(Next(ref fields), out value, out _);

    private static bool TryNext(ref ReadOnlySpan<byte> fields, out ulong value) => Utf8Parser.TryParse(Next(ref fields), out value, out _);

    private static void Skip(ref ReadOnlySpan<byte> fields, int count)
    {
        for (var skipped = 0; skipped < count; skipped++) _ = Next(ref fields);
    }

    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> fields)
    {
        fields = fields.TrimStart((byte)' ');
        var space = fields.IndexOf((byte)' ');
        var field = space < 0 ? fields : fields[..space];
        fields = fields[field.Length..];
        return field;
    }
}
