using System.Globalization;
using System.Runtime.InteropServices;

namespace Gemini.Silo.Configuration;

/// <summary>The process's limit of open files. Containers and shells sometimes set a low limit.</summary>
internal static partial class OpenFileLimit
{
    /// <summary>A silo opens about 300 files: sockets to peers and trainers, segments, and what the runtime needs. Twice that leaves room.</summary>
    private const ulong Needed = 600;

    private const int RlimitNofile = 7;

    /// <summary>.NET raises the soft limit to the hard one at the start, so only the hard one counts.</summary>
    /// <exception cref="BadInputException">The limit is too low for a silo.</exception>
    public static void Require()
    {
        if (GetRLimit(RlimitNofile, out var limit) == 0) Require(limit.Hard);
    }

    internal static void Require(ulong hardLimit)
    {
        if (hardLimit >= Needed) return;
        throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
            $"a host needs about {Needed} open files, but the limit is {hardLimit}; raise it (ulimit -Hn {Needed}, LimitNOFILE= of a systemd unit, "
            + $"or --ulimit nofile= of a container)."));
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetRLimit(int resource, out Limits limits);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Limits
    {
        public readonly ulong Soft;
        public readonly ulong Hard;
    }
}
