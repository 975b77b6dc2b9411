namespace Gemini.Trainer.Client.Native;

/// <summary>One version requirement of an ELF file: it needs <paramref name="Version"/> from <paramref name="Library"/>.</summary>
/// <param name="Library">Name of the needed library, as in <c>DT_NEEDED</c>.</param>
/// <param name="Version">Name of the symbol version, for example <c>GLIBCXX_3.4.32</c>.</param>
/// <param name="Flags">The entry's <c>vna_flags</c>.</param>
/// <param name="FlagsOffset">File offset of these 16 bits, in bytes.</param>
internal readonly record struct ElfVersionNeed(string Library, string Version, ushort Flags, int FlagsOffset)
{
    /// <summary><c>VER_FLG_WEAK</c>: if the version is missing, the dynamic loader at most warns and loads the library anyway.</summary>
    public const ushort Weak = 0x2;

    public bool IsWeak => (Flags & Weak) != 0;
}
