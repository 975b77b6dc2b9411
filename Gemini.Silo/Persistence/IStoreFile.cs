namespace Gemini.Silo.Persistence;

/// <summary>A file that is being written.</summary>
internal interface IStoreFile : IDisposable
{
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Makes the bytes durable.</summary>
    void Flush();
}
