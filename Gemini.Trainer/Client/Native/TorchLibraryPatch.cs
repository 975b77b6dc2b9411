using System.Buffers.Binary;

namespace Gemini.Trainer.Client.Native;

/// <summary>Makes <c>libLibTorchSharp.so</c> loadable if the system's libstdc++ is older than the one it was linked against.</summary>
/// <remarks>
/// The library needs <c>GLIBCXX_3.4.32</c> (GCC 13); Debian 12 ends at 3.4.30. The only symbol behind this requirement,
/// <c>_ZSt21ios_base_library_initv</c>, is a link-time marker that no relocation uses. So the requirement may be weak: then the loader accepts the
/// older libstdc++. If a symbol is really missing, the load still fails, so the patch cannot hide a real problem.
/// </remarks>
internal static class TorchLibraryPatch
{
    /// <summary>The one symbol version that is made weak.</summary>
    public const string Version = "GLIBCXX_3.4.32";

    /// <summary>Whether <paramref name="library"/> cannot load on a system whose libstdc++ defines the versions <paramref name="provided"/>.</summary>
    public static bool IsNeeded(ElfImage library, IReadOnlySet<string> provided) =>
        !provided.Contains(Version) && library.VersionNeeds.Any(need => need.Version == Version && !need.IsWeak);

    /// <summary>Makes the requirement weak in the file at <paramref name="path"/>. Idempotent.</summary>
    /// <remarks>
    /// The changed copy replaces the old file by a rename. So a trainer that starts at the same moment sees either the old file or the new one, and a
    /// link into the package cache is replaced without a change to the cached file. The file keeps its time stamp, so that an incremental build does
    /// not overwrite it with the unpatched library.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The folder cannot be written; the message names the fix.</exception>
    public static void Apply(string path)
    {
        var file = File.ReadAllBytes(path);
        foreach (var need in new ElfImage(file).VersionNeeds.Where(need => need.Version == Version))
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(need.FlagsOffset), (ushort)(need.Flags | ElfVersionNeed.Weak));

        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            File.WriteAllBytes(temporary, file);
            File.SetLastWriteTimeUtc(temporary, File.GetLastWriteTimeUtc(path));
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(
                $"TorchSharp needs {Version}, which this system's libstdc++ lacks, and '{path}' cannot be adapted ({e.Message}). " +
                "Start the trainer once as a user that may write this folder, or install libstdc++ of GCC 13 or newer.", e);
        }
    }
}
