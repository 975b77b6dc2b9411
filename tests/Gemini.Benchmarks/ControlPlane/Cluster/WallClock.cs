namespace Gemini.Benchmarks.ControlPlane.Cluster;

/// <summary>The clock that all processes of the machine share.</summary>
internal static class WallClock
{
    public static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    public static Task UntilAsync(long unixMilliseconds, CancellationToken ct) => UntilAsync(DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds), ct);

    public static async Task UntilAsync(DateTimeOffset moment, CancellationToken ct)
    {
        var wait = moment - TimeProvider.System.GetUtcNow();
        if (wait <= TimeSpan.Zero) return;
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var timer = TimeProvider.System.CreateTimer(_ => reached.TrySetResult(), null, wait, Timeout.InfiniteTimeSpan);
        await reached.Task.WaitAsync(ct);
    }
}
