using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Gemini.Trainer.Native;

/// <summary>Start-up of libtorch: the first thing that a trainer calls.</summary>
public static class TorchNative
{
    private const string Library = "libLibTorchSharp.so";
    private const string StandardLibrary = "libstdc++.so.6";

    /// <summary>Makes libtorch loadable, then sets it up for one rank. Idempotent.</summary>
    /// <param name="threads">CPU threads of one tensor operation. A fixed number keeps runs bit-identical.</param>
    /// <returns>The first CUDA device in a build with <c>-p:Torch=cuda</c> on a machine that has one, else the CPU.</returns>
    public static torch.Device Start(int threads = 1)
    {
        EnsureLoadable();
        return StartTorch(threads);
    }

    /// <summary>
    /// Adapts the copy of <c>libLibTorchSharp.so</c> beside the executable to this system's libstdc++ if it has to be; must run before
    /// the first use of any torch type. Idempotent, and safe in several processes at once.
    /// </summary>
    /// <exception cref="InvalidOperationException">The library has to be adapted but its folder cannot be written.</exception>
    public static void EnsureLoadable()
    {
        string path = Path.Combine(AppContext.BaseDirectory, Library);
        if (!OperatingSystem.IsLinux() || !File.Exists(path) || LoadedPathOf(StandardLibrary) is not { } standardLibrary) return;
        var provided = new ElfImage(File.ReadAllBytes(standardLibrary)).VersionDefinitions;
        if (TorchLibraryPatch.IsNeeded(new ElfImage(File.ReadAllBytes(path)), provided)) TorchLibraryPatch.Apply(path);
    }

    // A method of its own: torch's static constructor loads the natives, and must not run before they are loadable.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static torch.Device StartTorch(int threads)
    {
        torch.set_num_threads(threads);
        bool hasCuda = File.Exists(Path.Combine(AppContext.BaseDirectory, "libtorch_cuda.so")) && torch.cuda.is_available();
        return new torch.Device(hasCuda ? DeviceType.CUDA : DeviceType.CPU);
    }

    /// <summary>The file that the dynamic loader chose for <paramref name="library"/>, or null if the system has none.</summary>
    private static string? LoadedPathOf(string library)
    {
        if (!NativeLibrary.TryLoad(library, out _)) return null; // Never unloaded: the runtime itself uses it.
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            int slash = line.IndexOf('/', StringComparison.Ordinal);
            if (slash >= 0 && Path.GetFileName(line.AsSpan(slash)).StartsWith(library, StringComparison.Ordinal)) return line[slash..];
        }
        return null;
    }
}
