using Gemini.Silo.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace Gemini.Silo.Tests.Configuration;

public sealed class RedisWaitTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _said = [];
    private int _attempts;

    [Fact]
    public async Task Server_that_comes_up_later_is_waited_for_and_each_state_is_said_once()
    {
        await RunAsync(Limit, () => _attempts switch
        {
            < 4 => NotUp("redis a cannot be reached"),
            < 6 => NotUp("redis a loads its data"),
            _ => null,
        });
        Assert.Equal(6, _attempts);
        Assert.Equal(3, _said.Count);
        Assert.Equal("waits for its Redis server, up to 120 s: redis a cannot be reached", _said[0]);
        Assert.Equal("waits for its Redis server, up to 120 s: redis a loads its data", _said[1]);
        Assert.StartsWith("found its Redis server after ", _said[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_that_never_comes_up_ends_the_wait_with_the_fix_and_the_setting()
    {
        var error = await Assert.ThrowsAsync<BadInputException>(() => RunAsync(Limit, () => NotUp("redis a cannot be reached; correct the address.")));
        Assert.Equal("redis a cannot be reached; correct the address. The host waited 120 s (redisWaitSeconds).", error.Message);
        Assert.InRange(_attempts, 2, 122);
    }

    [Fact]
    public async Task Server_that_refuses_is_not_waited_for()
    {
        var refusal = new BadInputException("redis a wants a password");
        Assert.Same(refusal, await Assert.ThrowsAsync<BadInputException>(() => RunAsync(Limit, () => refusal)));
        Assert.Equal(1, _attempts);
        Assert.Empty(_said);
    }

    [Fact]
    public async Task Limit_of_0_is_one_attempt()
    {
        var error = await Assert.ThrowsAsync<BadInputException>(() => RunAsync(TimeSpan.Zero, () => NotUp("redis a cannot be reached")));
        Assert.Equal("redis a cannot be reached", error.Message);
        Assert.Equal(1, _attempts);
        Assert.Empty(_said);
    }

    private static BadInputException NotUp(string message) => new(message) { MayPass = true };

    /// <summary>Advances the fake time as fast as the wait allows.</summary>
    private async Task RunAsync(TimeSpan limit, Func<BadInputException?> answer)
    {
        var wait = RedisWait.EnsureAsync(
            _ =>
            {
                _attempts++;
                return answer() is { } problem ? Task.FromException(problem) : Task.CompletedTask;
            },
            limit, _said.Add, _time, TestContext.Current.CancellationToken);
        await Wait.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return wait.IsCompleted;
            },
            "the end of the wait");
        await wait;
    }
}
