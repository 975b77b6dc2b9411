namespace Gemini.Trainer.Client.Native;

/// <summary>One entry of an ELF file's version requirements: "of <paramref name="Library"/> I need <paramref name="Version"/>".</summary>
/// <param name="Library">Name of the needed library, as in <c>DT_NEEDED</c>.</param>
/// <param name="Version">Name of the symbol version, for example <c>GLIBCXX_3.4.32</c>.</param>
/// <param name="Flags">The entry's <c>vna_flags</c>.</param>
/// <param name="FlagsOffset">Where in the file these 16 bits are, in bytes.</param>
internal readonly record struct ElfVersionNeed(string Library, string Version, ushort Flags, int FlagsOffset)
{
    /// <summary><c>VER_FLG_WEAK</c>: the dynamic loader warns at most when the version is missing, instead of refusing to load.</summary>
    public const ushort Weak = 0x2;

    public bool IsWeak => (Flags & Weak) != 0;
}
