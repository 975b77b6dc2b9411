namespace Gemini.Testing;

/// <summary>Values as pages write them. The programs have no culture but the invariant one.</summary>
public static class Units
{
    public static string Ms(TimeSpan time) => $"{time.TotalMilliseconds} ms";

    public static string S(TimeSpan time) => $"{time.TotalSeconds} s";

    public static string S(double milliseconds) => $"{milliseconds / 1000} s";

    public static string Min(TimeSpan time) => $"{time.TotalMinutes} min";

    public static string RoundedMin(TimeSpan time) => $"{Math.Round(time.TotalMinutes, MidpointRounding.AwayFromZero)} min";

    public static string Minutes(TimeSpan time) => $"{time.TotalMinutes} minutes";

    public static string KiB(long bytes) => $"{bytes / 1024.0} KiB";

    public static string MiB(long bytes) => $"{bytes / 1024.0 / 1024} MiB";

    public static string GiB(long bytes) => $"{bytes / 1024.0 / 1024 / 1024} GiB";

    public static string MBPerSecond(double bytesPerSecond) => $"{bytesPerSecond / 1e6} MB/s";
}
