using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Gemini.Trainer.Client.Native;

/// <summary>Start-up of libtorch. A trainer calls this before any other torch code.</summary>
public static class TorchNative
{
    private const string Library = "libLibTorchSharp.so";
    private const string StandardLibrary = "libstdc++.so.6";

    /// <summary>Makes libtorch loadable, then sets it up for one rank. Idempotent.</summary>
    /// <param name="threads">CPU threads of one tensor operation. A fixed number keeps runs bit-identical.</param>
    /// <param name="localIndex">Which of its host's trainers this is. It takes the accelerator of this number, modulo the number of accelerators.</param>
    /// <returns>A CUDA device in a build with <c>-p:Torch=cuda</c> on a machine that has one, else the CPU.</returns>
    public static torch.Device Start(int threads = 1, int localIndex = 0)
    {
        EnsureLoadable();
        return StartTorch(threads, localIndex);
    }

    /// <summary>
    /// Adapts the program's copy of <c>libLibTorchSharp.so</c> to this system's libstdc++ if necessary. Must run before the first use of any torch
    /// type. Idempotent, and safe in several processes at once.
    /// </summary>
    /// <remarks>
    /// Runs by itself when the first method that uses this library is compiled. A program that uses torch before that must call this first.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The library must be adapted, but its folder cannot be written.</exception>
    public static void EnsureLoadable()
    {
        if (!OperatingSystem.IsLinux() || LibraryPath() is not { } path) return;
        if (LoadedPathOf(StandardLibrary) is not { } standardLibrary) return;
        var provided = new ElfImage(File.ReadAllBytes(standardLibrary)).VersionDefinitions;
        if (TorchLibraryPatch.IsNeeded(new ElfImage(File.ReadAllBytes(path)), provided)) TorchLibraryPatch.Apply(path);
    }

    /// <summary>Reports a failure but does not throw, because the program may not use torch at all.</summary>
    [ModuleInitializer]
    [SuppressMessage(
        "Usage", "CA2255", Justification = "A program that only refers to this library cannot know that torch needs it before its first use.")]
    internal static void EnsureLoadableAtStart()
    {
        try
        {
            EnsureLoadable();
        }
        catch (Exception error) when (error is InvalidOperationException or InvalidDataException
            or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"gemini: libtorch may not load. {error.Message}");
        }
    }

    /// <summary>
    /// The path of the program's copy of the library: beside the program, or, if it was built without a runtime identifier, in the folders that the
    /// runtime searches.
    /// </summary>
    private static string? LibraryPath() => (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Prepend(AppContext.BaseDirectory)
        .Select(folder => Path.Combine(folder, Library))
        .FirstOrDefault(File.Exists);

    // A separate method: torch's static constructor loads the native libraries and must not run before they are loadable.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static torch.Device StartTorch(int threads, int localIndex)
    {
        torch.set_num_threads(threads);
        var hasCuda = File.Exists(Path.Combine(AppContext.BaseDirectory, "libtorch_cuda.so")) && torch.cuda.is_available();
        return hasCuda ? new torch.Device(DeviceType.CUDA, localIndex % torch.cuda.device_count()) : torch.CPU;
    }

    /// <summary>
    /// The file that the dynamic loader chose for <paramref name="library"/>, or null if the system has none.
    /// </summary>
    private static string? LoadedPathOf(string library)
    {
        if (!NativeLibrary.TryLoad(library, out _)) return null; // Never unloaded: the runtime itself uses it.
        foreach (var line in File.ReadLines("/proc/self/maps"))
        {
            var slash = line.IndexOf('/', StringComparison.Ordinal);
            if (slash >= 0 && Path.GetFileName(line.AsSpan(slash)).StartsWith(library, StringComparison.Ordinal)) return line[slash..];
        }
        return null;
    }
}
