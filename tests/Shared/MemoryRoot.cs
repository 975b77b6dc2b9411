namespace Gemini.Testing;

/// <summary>A root of host memory, for one test. The test makes the folder; Dispose removes it.</summary>
/// <remarks>The start of a trainer that nobody waits for any more may still make files in the folder. Then the removal begins again.</remarks>
internal sealed class MemoryRoot : IDisposable
{
    private static int s_count;

    /// <summary>On the tmpfs, and short: it contains unix sockets, whose paths have at most 107 bytes.</summary>
    public string Path { get; } = $"/dev/shm/gemini-test-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";

    public void Dispose()
    {
        Exception? problem = null;
        if (!SpinWait.SpinUntil(() => (problem = Remove()) is null, Wait.Limit)) throw problem!;
    }

    private IOException? Remove()
    {
        try
        {
            if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
            return null;
        }
        catch (IOException error)
        {
            return error;
        }
    }
}
