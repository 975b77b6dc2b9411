using Gemini.Grains.Recovery;
using Gemini.Grains.Root;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Root;

/// <summary>What the root agent requires of every record store, real or simulated.</summary>
public abstract class RecordStoreContract
{
    /// <summary>Whether a store that has lost its record refuses the etag of the lost one.</summary>
    private protected virtual bool RefusesEtagOfALostRecord => true;

    [Fact]
    public Task Empty_HasNoRecord_AndTakesTheFirst() => RunAsync(async store =>
    {
        var empty = await store.Records.ReadAsync();
        Assert.Null(empty.Record);

        var etag = await store.Records.TryWriteAsync(Of(1), empty.Etag);

        Assert.NotNull(etag);
        var found = await store.Records.ReadAsync();
        Assert.Equal((new Epoch(1), etag), (found.Record!.Epoch, found.Etag));
    });

    [Fact]
    public Task Write_WithTheNewestEtag_IsMade_AndTheOldOneIsRefused() => RunAsync(async store =>
    {
        var first = await BeginAsync(store);

        var second = await store.Records.TryWriteAsync(Of(2), first);
        Assert.NotNull(second);
        Assert.NotEqual(first, second);
        Assert.Null(await store.Records.TryWriteAsync(Of(3), first));

        var found = await store.Records.ReadAsync();
        Assert.Equal((new Epoch(2), second), (found.Record!.Epoch, found.Etag));
        Assert.NotNull(await store.Records.TryWriteAsync(Of(4), second));
    });

    [Fact]
    public Task Write_AsIfNothingWereThere_IsRefused() => RunAsync(async store =>
    {
        var empty = await store.Records.ReadAsync();
        await BeginAsync(store);

        Assert.Null(await store.Records.TryWriteAsync(Of(2), empty.Etag));

        Assert.Equal(new Epoch(1), (await store.Records.ReadAsync()).Record!.Epoch);
    });

    [Fact]
    public Task Lost_HasNoRecord_AndTakesOneWithTheEtagThatIsReadThen() => RunAsync(async store =>
    {
        var before = await BeginAsync(store);
        await store.LoseAsync();

        var lost = await store.Records.ReadAsync();
        Assert.Null(lost.Record);
        Assert.NotEqual(before, lost.Etag);
        if (RefusesEtagOfALostRecord) Assert.Null(await store.Records.TryWriteAsync(Of(2), before));

        Assert.NotNull(await store.Records.TryWriteAsync(Of(3), lost.Etag));
        Assert.Equal(new Epoch(3), (await store.Records.ReadAsync()).Record!.Epoch);
    });

    /// <summary>The writer cannot know whether the write was made. It is not told that it wrote, and must not overwrite the stored record.</summary>
    [Fact]
    public Task Write_WhoseAnswerIsLost_Throws_AndMayHaveBeenMade() => RunAsync(async store =>
    {
        var before = await BeginAsync(store);
        store.LoseAnswers(true);
        await Assert.ThrowsAnyAsync<Exception>(() => store.Records.TryWriteAsync(Of(2), before));
        store.LoseAnswers(false);

        var found = await store.Records.ReadAsync();
        Assert.Equal(new Epoch(2), found.Record!.Epoch);
        Assert.Null(await store.Records.TryWriteAsync(Of(3), before));
        Assert.NotNull(await store.Records.TryWriteAsync(Of(3), found.Etag));
    });

    /// <summary>Gives the test an empty store.</summary>
    private protected abstract Task RunAsync(Func<Store, Task> test);

    private static RootRecord Of(int epoch) => new() { Epoch = new Epoch(epoch) };

    private static async Task<string?> BeginAsync(Store store) => await store.Records.TryWriteAsync(Of(1), (await store.Records.ReadAsync()).Etag);

    /// <param name="Records">The store under test.</param>
    /// <param name="LoseAsync">Makes it lose its record.</param>
    /// <param name="LoseAnswers">True: from now on writes are made and their answers are lost. False: no longer.</param>
    private protected sealed record Store(IRecordStore Records, Func<Task> LoseAsync, Action<bool> LoseAnswers);
}
