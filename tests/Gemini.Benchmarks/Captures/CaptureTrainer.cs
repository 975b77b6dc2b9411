using System.Diagnostics;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Memory;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Benchmarks.Captures;

/// <summary>
/// A trainer that only saves. It runs in a process of its own, because the first save of a process differs from all later ones: its code is not compiled,
/// and its slots' pages are not mapped.
/// </summary>
/// <param name="folder">Where the slots are made; on a tmpfs.</param>
/// <param name="bytes">Size of the shard.</param>
internal sealed class CaptureTrainer(string folder, long bytes)
{
    /// <summary>Saves as often as is asked, and measures copies between the same memory in turn.</summary>
    public async Task<CaptureSample> MeasureAsync(int saves)
    {
        using var memory = new NativeTensors(bytes).Fill();
        using var image = memory.Image();
        var tensors = memory.All;
        var slots = Enumerable.Range(0, HostPaths.SlotCount).Select(slot => Slot(slot, image.Layout.PayloadBytes)).ToArray();
        using var captures = new CaptureThread();
        var prepared = Task.WhenAll(slots.Select(slot => captures.PrepareAsync(slot, () => false)));
        FirstIteration.Compute(tensors);
        await prepared;

        var (rates, copies, copiesByTwo, held) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var cpu = TimeSpan.Zero;
        for (var save = 0; save < saves; save++)
        {
            var slot = slots[save % slots.Length];
            if (save > 0)
            {
                copies.Add(Rate(() => Copy(tensors, slot)));
                copiesByTwo.Add(Rate(() => CopyByTwo(tensors, slot)));
            }

            var before = Environment.CpuUsage.TotalTime;
            var begun = Stopwatch.GetTimestamp();
            var capture = Save(captures, slot, image, save + 1);
            held.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            await capture;
            rates.Add(bytes / Stopwatch.GetElapsedTime(begun).TotalSeconds / 1e9);
            cpu += Environment.CpuUsage.TotalTime - before;
        }

        foreach (var slot in slots) slot.Dispose();
        return new CaptureSample([.. rates], [.. copies], [.. copiesByTwo], [.. held], cpu.TotalSeconds / (saves * bytes / 1e9));
    }

    /// <summary>What <c>Save</c> does on the caller's thread.</summary>
    private static Task<ContentHash?> Save(CaptureThread captures, MappedSegment slot, ShardImage image, long iteration)
    {
        image.Locate();
        image.Stage(iteration);
        return captures.CaptureAsync(slot, new SnapshotId(new Iteration(iteration), new Epoch(1)), image, () => false, () => { });
    }

    /// <summary>A slot as a trainer finds it: its silo has made it with all pages, and this process has mapped it and touched nothing.</summary>
    private MappedSegment Slot(int slot, long payloadBytes)
    {
        var path = Path.Combine(folder, $"slot-{slot}");
        SegmentFiles.Create(path, new SegmentIdentity("benchmark", new Rank(0)), payloadBytes, SegmentLayout.DefaultChunkBytes).Dispose();
        return MappedSegment.Open(path);
    }

    private double Rate(Action copy)
    {
        var begun = Stopwatch.GetTimestamp();
        copy();
        return bytes / Stopwatch.GetElapsedTime(begun).TotalSeconds / 1e9;
    }

    private static unsafe void Copy(List<(nint Address, long Length)> tensors, MappedSegment slot)
    {
        var target = slot.Payload;
        foreach (var (address, length) in tensors)
        {
            Buffer.MemoryCopy((void*)address, target, length, length);
            target += length;
        }
    }

    private static unsafe void CopyByTwo(List<(nint Address, long Length)> tensors, MappedSegment slot)
    {
        var target = slot.Payload;
        foreach (var (address, length) in tensors)
        {
            var (half, to) = (length / 2, (nint)target);
            Parallel.Invoke(
                () => Buffer.MemoryCopy((void*)address, (void*)to, half, half),
                () => Buffer.MemoryCopy((void*)(address + (nint)half), (void*)(to + (nint)half), length - half, length - half));
            target += length;
        }
    }
}
