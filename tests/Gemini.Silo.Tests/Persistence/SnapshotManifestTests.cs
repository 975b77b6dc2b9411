using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Gemini.Interfaces.Model;
using Gemini.Silo.Persistence;

namespace Gemini.Silo.Tests.Persistence;

/// <summary>The text of a manifest: what is written can be read, and a text with any damage is refused by name or is harmless.</summary>
public sealed class SnapshotManifestTests
{
    private static readonly JobSpec Job = new() { Name = "manifest-tests", Hosts = [new("a"), new("b"), new("c")], RanksPerHost = 2 };
    private static readonly SnapshotId Snapshot = new(new Iteration(120), new Epoch(3));

    private static readonly ImmutableArray<StoredShard> Shards =
        [.. Enumerable.Range(0, 6).Select(rank => new StoredShard(new Rank(rank), new ContentHash(ulong.MaxValue - (ulong)rank), 1000 + rank, 64))];

    /// <summary>The path of one property, its new value as JSON (null: it is removed), and what the refusal says.</summary>
    public static TheoryData<string, string?, string> Damages
    {
        get
        {
            var rows = new TheoryData<string, string?, string>();
            foreach (var property in new[] { "version", "job", "iteration", "epoch", "worldSize", "hosts", "ranksPerHost", "replicas", "shards" })
            {
                rows.Add(property, null, property);
                rows.Add(property, "{}", property);
                if (property != "job") rows.Add(property, "\"x\"", property);
            }

            foreach (var number in new[] { "version", "iteration", "epoch", "worldSize" })
            {
                rows.Add(number, "1.5", number);
                rows.Add(number, "99999999999999999999", number);
            }

            rows.Add("job", "null", "job");
            rows.Add("job", "7", "job");
            rows.Add("version", "0", "it has version 0; this program reads version 1");
            rows.Add("version", "2", "it has version 2; this program reads version 1");
            rows.Add("worldSize", "0", "it does not list the ranks 0 to -1");
            rows.Add("worldSize", "-6", "it does not list the ranks 0 to -7");
            rows.Add("worldSize", "5", "it does not list the ranks 0 to 4");
            rows.Add("worldSize", "7", "it does not list the ranks 0 to 6");
            rows.Add("worldSize", "2147483647", "it does not list the ranks 0 to 2147483646");
            rows.Add("shards", "[]", "it does not list the ranks 0 to 5");
            rows.Add("shards", "[null]", "it does not list the ranks 0 to 5");
            rows.Add("shards/0", "null", "it does not list the ranks 0 to 5");
            rows.Add("shards/0/rank", "1", "it does not list the ranks 0 to 5");
            rows.Add("shards/3/rank", "-3", "it does not list the ranks 0 to 5");
            rows.Add("shards/5/rank", "6", "it does not list the ranks 0 to 5");
            foreach (var (property, value) in new[]
            {
                ("file", null), ("file", "\"\""), ("file", "\"rank-00003.safetensors\""), ("file", "\"/etc/passwd\""), ("file", "\"../rank-00002.safetensors\""),
                ("bytes", null), ("bytes", "0"), ("bytes", "-1"), ("chunkBytes", null), ("chunkBytes", "0"), ("chunkBytes", "-64"),
                ("hash", null), ("hash", "\"\""), ("hash", "\"not a number\""), ("hash", "\"0x12\""), ("hash", "\"10000000000000000\""), ("hash", "\" 1\""),
            })
            {
                rows.Add($"shards/2/{property}", value, "its entry for rank 2 is damaged");
            }

            rows.Add("shards/2/file", "null", "file");
            rows.Add("shards/2/hash", "null", "hash");
            rows.Add("shards/2/hash", "12", "hash");
            rows.Add("shards/2/bytes", "\"12\"", "bytes");
            rows.Add("shards/2/chunkBytes", "2147483648", "chunkBytes");
            return rows;
        }
    }

    [Fact]
    public void Parse_WhatWasFormatted_IsTheSame()
    {
        var manifest = SnapshotManifest.Create(Job, Snapshot, [.. Shards.Reverse()]);
        var read = SnapshotManifest.Parse(manifest.Format());

        Assert.Equal(("manifest-tests", Snapshot, 6, 2, Job.Replicas), (read.Job, read.Snapshot, read.WorldSize, read.RanksPerHost, read.Replicas));
        Assert.Equal(["a", "b", "c"], read.Hosts);
        Assert.Equal(Snapshot, read.ToStored().Snapshot);
        Assert.Equal(Shards, read.ToStored().Shards);
    }

    [Fact]
    public void Parse_UnknownProperty_IsIgnored() => Assert.Equal(Shards, Read("note", "\"by hand\"").Shards);

    [Theory]
    [MemberData(nameof(Damages))]
    public void Parse_OneDamagedProperty_IsRefusedByName(string path, string? value, string expected)
    {
        var message = Assert.Throws<InvalidDataException>(() => Read(path, value)).Message;

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("\0\0\0\0")]
    public void Parse_NoManifest_IsRefused(string text) =>
        Assert.Throws<InvalidDataException>(() => SnapshotManifest.Parse(Encoding.UTF8.GetBytes(text)));

    /// <summary>A file that was cut short at any byte is no manifest, even if only its last bracket is missing.</summary>
    [Fact]
    public void Parse_CutShortAnywhere_IsRefused()
    {
        var whole = SnapshotManifest.Create(Job, Snapshot, Shards).Format();
        for (var length = 0; length < whole.Length; length++)
            Assert.Throws<InvalidDataException>(() => SnapshotManifest.Parse(whole.AsSpan(0, length)));
    }

    /// <summary>A flipped bit on a disk: the manifest is refused, or it is read as another one. Nothing else can happen to the host.</summary>
    [Fact]
    public void Parse_AnyFlippedBit_IsRefusedOrRead()
    {
        var whole = SnapshotManifest.Create(Job, Snapshot, Shards).Format();
        Gen.Int[0, (whole.Length * 8) - 1].Sample(
            bit =>
            {
                var damaged = whole.ToArray();
                damaged[bit / 8] ^= (byte)(1 << (bit % 8));
                try
                {
                    SnapshotManifest.Parse(damaged).ToStored();
                }
                catch (InvalidDataException)
                {
                    // This is how a damaged manifest is refused.
                }
            },
            iter: 3000, threads: 1);
    }

    private static StoredSnapshot Read(string path, string? value)
    {
        JsonNode root = JsonNode.Parse(SnapshotManifest.Create(Job, Snapshot, Shards).Format())!;
        var names = path.Split('/');
        var parent = names[..^1].Aggregate(root, (node, name) => int.TryParse(name, out var index) ? node[index]! : node[name]!);
        if (value is null) Assert.True(parent.AsObject().Remove(names[^1]));
        else if (parent is JsonArray list) list[int.Parse(names[^1])] = JsonNode.Parse(value);
        else parent[names[^1]] = JsonNode.Parse(value);
        return SnapshotManifest.Parse(Encoding.UTF8.GetBytes(root.ToJsonString())).ToStored();
    }
}
