using Gemini.Interfaces.SharedMemory;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>What a session says about the network in its page.</summary>
public sealed class NetworkUseTests : IAsyncLifetime
{
    private readonly SessionFixture _test = new();
    private readonly TemporaryFolder _folder = new();
    private NetworkPage _page = null!;

    public async ValueTask InitializeAsync()
    {
        var name = Path.Combine(_folder.Path, "trainer-0.network");
        await _test.StartAsync(_test.Options with { NetworkPagePath = name });
        _page = NetworkPage.OpenToRead(name);
    }

    public async ValueTask DisposeAsync()
    {
        await _test.DisposeAsync();
        _page.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void NetworkBusy_IsMarkedUntilItIsDisposed()
    {
        using (_test.Session.NetworkBusy())
        {
            using (_test.Session.NetworkBusy()) Assert.True(_page.IsBusy);
            Assert.True(_page.IsBusy);
        }

        Assert.False(_page.IsBusy);
    }

    /// <summary>An iteration lasts from one save to the next; the first one begins when the state is restored.</summary>
    [Fact]
    public async Task Saves_DivideTheTimeIntoIterations_AndAFailureInterruptsThem()
    {
        await _test.EnterAsync(epoch: 1);
        var first = _page.Iterations - 1;
        using (_test.Session.NetworkBusy())
        {
        }

        await _test.SaveAsync(1);
        await _test.SaveAsync(2);
        Assert.Equal((2, 1), (_page.Read(first)!.Idle.Length, _page.Read(first + 1)!.Idle.Length));

        await _test.EnterAsync(epoch: 2);
        await _test.SaveAsync(1);
        Assert.Null(_page.Read(first + 2));
        Assert.Null(_page.Read(first + 3));
        Assert.Single(_page.Read(first + 4)!.Idle);
    }

    /// <summary>A loop may end its use after it has left the job.</summary>
    [Fact]
    public async Task NetworkBusy_EndsAfterTheSession_DoesNothing()
    {
        var use = _test.Session.NetworkBusy();
        await _test.Session.DisposeAsync();
        use.Dispose();
        Assert.True(_page.IsBusy);
    }
}
