using CsCheck;
using Gemini.Interfaces.Model;
using Gemini.Silo.Persistence;

namespace Gemini.Silo.Tests.Persistence;

/// <summary>The names in a store. A name that is wrongly taken for the store's own is deleted some day.</summary>
public sealed class StoreLayoutTests
{
    private static readonly StoreLayout Layout = new("/store", "job");

    [Fact]
    public void Names_AreAsDocumented()
    {
        var snapshot = new SnapshotId(new Iteration(120), new Epoch(3));
        Assert.Equal("/store/job/120@3/rank-00007.safetensors", Layout.Shard(snapshot, new Rank(7)));
        Assert.Equal("/store/job/120@3/rank-123456.safetensors", Layout.Shard(snapshot, new Rank(123_456)));
        Assert.Equal("/store/job/120@3/manifest.json", Layout.Manifest(snapshot));
    }

    [Fact]
    public void Parse_NameOfAnySnapshot_IsThatSnapshot() => Gen.Select(Gen.Long[0, long.MaxValue], Gen.Long[0, Epoch.Maximum.Value]).Sample((iteration, epoch) =>
    {
        var snapshot = new SnapshotId(new Iteration(iteration), new Epoch(epoch));
        Assert.Equal(snapshot, StoreLayout.ParseSnapshot(Layout.Snapshot(snapshot)));
    });

    [Theory]
    [InlineData("")]
    [InlineData("120")]
    [InlineData("120@")]
    [InlineData("@3")]
    [InlineData("120@3@1")]
    [InlineData("120@3 ")]
    [InlineData(" 120@3")]
    [InlineData("+120@3")]
    [InlineData("-120@3")]
    [InlineData("120@-3")]
    [InlineData("0120@3")]
    [InlineData("120@03")]
    [InlineData("1,200@3")]
    [InlineData("9223372036854775808@3")]
    [InlineData("120@1099511627777")]
    [InlineData("120@3.bak")]
    [InlineData("notes")]
    public void Parse_NameOfAnotherDirectory_IsNone(string name) => Assert.Null(StoreLayout.ParseSnapshot("/store/job/" + name));

    [Theory]
    [InlineData("manifest.json", true)]
    [InlineData("manifest.json.part", true)]
    [InlineData("rank-00000.safetensors", true)]
    [InlineData("rank-00000.safetensors.part", true)]
    [InlineData("rank-00000.safetensors.part.part", false)]
    [InlineData("manifest.json.bak", false)]
    [InlineData("my-manifest.json", false)]
    [InlineData("rank-00000.safetensors.index", false)]
    [InlineData("model.safetensors", false)]
    [InlineData("readme.txt", false)]
    [InlineData(".part", false)]
    public void IsOwn_OnlyWhatTheStoreMakes(string name, bool expected) => Assert.Equal(expected, StoreLayout.IsOwn("/store/job/120@3/" + name));
}
