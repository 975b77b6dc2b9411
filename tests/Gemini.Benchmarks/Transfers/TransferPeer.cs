using System.Diagnostics;
using System.Text.Json;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Lab.Cluster;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Benchmarks.Transfers;

/// <summary>What a peer process says when it is ready.</summary>
/// <param name="DataPort">The endpoint of its data port.</param>
/// <param name="RawPort">The endpoint of its raw socket.</param>
/// <param name="Hash">The hash of the shard that can be fetched from it; 0 if it has none.</param>
internal sealed record PeerAddress(string DataPort, string RawPort, ulong Hash);

/// <summary>The other side of a transfer: a process with a host's memory, its data port, and the raw socket beside it.</summary>
internal sealed class TransferPeer : IDisposable
{
    private readonly Process _process;

    private TransferPeer(Process process, PeerAddress address) => (_process, Address) = (process, address);

    public PeerAddress Address { get; }

    /// <summary>Starts a peer process.</summary>
    /// <param name="arguments">As <see cref="TransferCommand.CreatePeer"/> takes them.</param>
    public static async Task<TransferPeer> StartAsync(params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["transfer-peer", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new LabException("the peer process of a transfer ended before it was ready");
        return new TransferPeer(process, JsonSerializer.Deserialize<PeerAddress>(line)!);
    }

    /// <summary>The peer process ends when its input does.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>The peer process itself. It holds shards for a sender, or one snapshot to fetch.</summary>
    /// <param name="folder">The root of its memory.</param>
    /// <param name="name">Its host's name.</param>
    /// <param name="bytes">Size of each shard.</param>
    /// <param name="firstRank">The rank of the first shard.</param>
    /// <param name="shards">How many shards.</param>
    /// <param name="isSource">Whether it has a snapshot of its only shard, for others to fetch.</param>
    public static async Task RunAsync(string folder, string name, long bytes, int firstRank, int shards, bool isSource)
    {
        await using var host = new TransferHost(folder, name);
        var raw = new List<MappedSegment>();
        ulong hash = 0;
        if (isSource)
        {
            using var tensors = new NativeTensors(bytes).Fill();
            using var image = tensors.Image();
            host.Memory.EnsureShard(new Rank(firstRank), image.Layout.PayloadBytes);
            raw.Add(host.Slot(firstRank, slot: 0));
            hash = await CaptureAsync(image, raw[0]);
        }

        for (var rank = firstRank; rank < firstRank + shards && !isSource; rank++)
        {
            host.Memory.EnsureShard(new Rank(rank), bytes);
            raw.Add(host.Spare(rank, bytes));
        }

        await host.StartAsync();
        var rawPort = RawSocket.Serve(rank => raw[rank - firstRank]);
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(new PeerAddress(host.Endpoint, rawPort.ToString(), hash)));
        await Console.In.ReadToEndAsync();
    }

    private static async Task<ulong> CaptureAsync(ShardImage image, MappedSegment slot)
    {
        using var captures = new CaptureThread();
        image.Stage(Snapshots.First.Iteration.Value);
        return (await captures.CaptureAsync(slot, Snapshots.First, image, () => false, () => { }))!.Value.Value;
    }
}
