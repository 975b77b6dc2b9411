using Gemini.Grains.Recovery;
using Gemini.Grains.Root;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Root;

/// <summary>Of several root agents only one writes the record. If the store loses the record, no other one becomes the root agent.</summary>
public sealed class RecordKeeperTests
{
    private readonly RecordDouble _store = new();
    private readonly RecordKeeper _keeper;
    private int _losses;
    private bool _isReplaced;

    public RecordKeeperTests() => _keeper = Keeper();

    [Fact]
    public async Task TwoReadTheSameRecord_OneBegins()
    {
        var other = Keeper();
        await _keeper.ReadAsync();
        await other.ReadAsync();

        Assert.True(await other.TryBeginAsync(new RootRecord()));
        Assert.False(await _keeper.TryBeginAsync(new RootRecord()));
    }

    [Fact]
    public async Task AnotherHasWritten_NothingIsWrittenAnyMore()
    {
        await BeginAsync(epoch: 3);
        _store.Overwrite(Of(3));

        Assert.False(await _keeper.TryWriteAsync(Of(4)));
        _store.Lose();
        Assert.False(await _keeper.TryWriteAsync(Of(4)));

        Assert.Equal((0, true, new Epoch(3)), (_losses, _keeper.IsOvertaken, _keeper.Record.Epoch));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(2)]
    public async Task StoreHasNoneOrAnEarlierEpoch_TheDecisionIsWritten(int? found)
    {
        await BeginAsync(epoch: 3);
        _store.Lose();
        if (found is { } epoch) _store.Overwrite(Of(epoch));

        Assert.True(await _keeper.TryWriteAsync(Of(4)));

        Assert.Equal((1, new Epoch(4)), (_losses, _store.Record.Epoch));
        Assert.True(await _keeper.TryWriteAsync(Of(5)));
    }

    [Fact]
    public async Task StoreHasNone_WhatIsKnownIsWrittenAgain()
    {
        await BeginAsync(epoch: 3);
        _store.Lose();

        Assert.True(await _keeper.TryWriteAgainAsync());

        Assert.Equal(new Epoch(3), _store.Record.Epoch);
        Assert.Equal((await _store.ReadAsync()).Etag, _keeper.Etag);
    }

    /// <summary>The other root agent also wrote the record, and it is lost again: nothing in the store shows which of the two is newer.</summary>
    [Fact]
    public async Task StoreHasNone_CallersAreSentToAnother_ThisOneIsOvertaken()
    {
        await BeginAsync(epoch: 3);
        _store.Lose();
        _isReplaced = true;

        Assert.False(await _keeper.TryWriteAsync(Of(4)));
        _isReplaced = false;
        Assert.False(await _keeper.TryWriteAgainAsync());

        Assert.Equal((0, true, default(Epoch)), (_losses, _keeper.IsOvertaken, _store.Record.Epoch));
    }

    private RecordKeeper Keeper() => new(_store, () => Task.FromResult(_isReplaced), () => _losses++);

    private static RootRecord Of(int epoch) => new() { Epoch = new Epoch(epoch) };

    private async Task BeginAsync(int epoch)
    {
        await _keeper.ReadAsync();
        Assert.True(await _keeper.TryBeginAsync(Of(epoch)));
    }
}
