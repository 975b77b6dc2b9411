using System.Diagnostics;
using Gemini.Grains.Hosts;
using Gemini.Silo.Processes;
using Gemini.Silo.Trainers;

namespace Gemini.Silo.Tests.Trainers;

public sealed class DeathWatchTests : IDisposable
{
    private readonly DeathWatch _watch;
    private volatile bool _isTraining = true;

    public DeathWatchTests() => _watch = new DeathWatch(() => _isTraining);

    public void Dispose() => _watch.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Killed_CallsBackOnce(bool isTraining)
    {
        _isTraining = isTraining;
        using var victim = await Victim.StartAsync();
        var calls = 0;
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watched = _watch.Watch(victim.Id, () =>
        {
            Interlocked.Increment(ref calls);
            called.TrySetResult();
        });

        victim.Kill();

        await called.Task.WaitAsync(Wait.Limit);
        await RoundAsync();
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task LeavesInOrder_IsNotCalledAbout()
    {
        using var leaver = Process.Start(new ProcessStartInfo("/bin/cat") { RedirectStandardInput = true })!;
        var called = false;
        using var watched = _watch.Watch(leaver.Id, () => called = true);

        leaver.StandardInput.Close();
        await leaver.WaitForExitAsync(TestContext.Current.CancellationToken);

        await RoundAsync();
        Assert.False(called);
    }

    [Fact]
    public async Task WatchEnded_IsNotCalledAbout()
    {
        using var victim = await Victim.StartAsync();
        var called = false;
        _watch.Watch(victim.Id, () => called = true).Dispose();

        victim.Kill();

        await RoundAsync();
        Assert.False(called);
    }

    [Fact]
    public void NoSuchProcess_IsNoError() => _watch.Watch(int.MaxValue, () => Assert.Fail("called")).Dispose();

    /// <summary>Returns when the watch has certainly looked once more: it has seen another death meanwhile.</summary>
    private async Task RoundAsync()
    {
        using var other = await Victim.StartAsync();
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watched = _watch.Watch(other.Id, seen.SetResult);
        other.Kill();
        await seen.Task.WaitAsync(Wait.Limit);
    }

    /// <summary>
    /// A small process is dead and collected within microseconds. This one's parent does not collect it, so that the watch can still see it. The
    /// parent begins as a shell, which collects, and becomes <c>cat</c>, which does not. An echo proves that it is <c>cat</c> now.
    /// </summary>
    private sealed class Victim(Process parent, int id) : IDisposable
    {
        public int Id => id;

        public static async Task<Victim> StartAsync()
        {
            var parent = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "sleep 600 <&- >&- & echo $!; exec cat"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
            var id = await parent.StandardOutput.ReadLineAsync().WaitAsync(Wait.Limit);
            await parent.StandardInput.WriteLineAsync("are you cat?");
            await parent.StandardOutput.ReadLineAsync().WaitAsync(Wait.Limit);
            return new Victim(parent, int.Parse(id!, System.Globalization.CultureInfo.InvariantCulture));
        }

        public void Kill() => ProcessTools.Kill(id);

        public void Dispose()
        {
            Kill();
            parent.Kill();
            parent.Dispose();
        }
    }
}
