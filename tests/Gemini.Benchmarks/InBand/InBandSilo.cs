using System.Collections.Immutable;
using System.Diagnostics;
using System.IO.Hashing;
using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Lab.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gemini.Benchmarks.InBand;

/// <summary>What the sending silo measured.</summary>
/// <param name="Transfers">The rate of each transfer, in GB/s, until the grain has verified the last chunk.</param>
internal sealed record InBandSample(ImmutableArray<double> Transfers);

/// <summary>The same transfer through Orleans: two silo processes, a grain at the other one, and calls with a chunk each.</summary>
internal static class InBandSilo
{
    internal const string PeerName = "in-band-peer";

    /// <summary>Calls that run at the same time. With one, each chunk would wait for the answer to the one before.</summary>
    internal const int CallsAtOnce = 4;

    /// <summary>The silo process with the grain. It ends when its input does.</summary>
    /// <param name="port">Where it listens. The other silo joins it there.</param>
    public static async Task RunPeerAsync(int port)
    {
        using var silo = await StartAsync(port, port);
        await silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IHolderGrain>(0).BeginAsync(1);
        await Console.Out.WriteLineAsync("ready");
        await Console.In.ReadToEndAsync();
        await silo.StopAsync();
    }

    /// <summary>The sending silo.</summary>
    public static async Task<InBandSample> MeasureAsync(long bytes, int transfers)
    {
        var port = FreePort();
        using var peer = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [PeerName, "--port", $"{port}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        if (await peer.StandardOutput.ReadLineAsync() is null) throw new LabException("the other silo ended before it was ready");
        using var silo = await StartAsync(FreePort(), port);
        var grain = silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IHolderGrain>(0);
        using var shard = new NativeTensors(bytes).Fill();
        var rates = ImmutableArray.CreateBuilder<double>();
        for (var transfer = 0; transfer < transfers; transfer++)
        {
            await grain.BeginAsync(bytes);
            var begun = Stopwatch.GetTimestamp();
            await SendAsync(grain, shard);
            rates.Add(bytes / Stopwatch.GetElapsedTime(begun).TotalSeconds / 1e9);
        }

        await silo.StopAsync();
        peer.StandardInput.Close();
        await peer.WaitForExitAsync();
        return new InBandSample(rates.ToImmutable());
    }

    private static async Task SendAsync(IHolderGrain grain, NativeTensors shard)
    {
        var running = new Queue<Task>();
        var offset = 0L;
        foreach (var (address, length) in shard.All)
        {
            for (long done = 0; done < length; done += SegmentLayout.DefaultChunkBytes)
            {
                var chunk = Chunk(address + (nint)done, (int)Math.Min(SegmentLayout.DefaultChunkBytes, length - done));
                if (running.Count == CallsAtOnce) await running.Dequeue();
                running.Enqueue(grain.StoreAsync(offset, chunk, XxHash3.HashToUInt64(chunk)));
                offset += chunk.Length;
            }
        }

        await Task.WhenAll(running);
    }

    private static unsafe byte[] Chunk(nint address, int length) => new ReadOnlySpan<byte>((void*)address, length).ToArray();

    private static async Task<IHost> StartAsync(int port, int primaryPort)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo.UseLocalhostClustering(port, FreePort(), new IPEndPoint(IPAddress.Loopback, primaryPort)));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
