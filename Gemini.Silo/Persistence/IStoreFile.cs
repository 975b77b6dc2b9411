namespace Gemini.Silo.Persistence;

/// <summary>A file that is open for writing.</summary>
internal interface IStoreFile : IDisposable
{
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Makes the bytes durable.</summary>
    void Flush();
}
