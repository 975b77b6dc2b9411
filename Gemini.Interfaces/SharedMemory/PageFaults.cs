using System.Runtime.InteropServices;

namespace Gemini.Interfaces.SharedMemory;

/// <summary>The first use of each page of a mapped file costs a page fault. They can be taken before the memory is used.</summary>
internal static unsafe partial class PageFaults
{
    private const int ErrorInterrupted = 4;
    private const int ErrorUnknownAdvice = 22;
    private const int AdvicePopulateWrite = 23;

    /// <summary>Takes the faults of a region. Changes no byte.</summary>
    /// <param name="start">Page aligned.</param>
    /// <param name="bytes">How many bytes.</param>
    /// <returns>Null; or why the kernel cannot provide a page.</returns>
    public static string? Take(byte* start, long bytes)
    {
        while (Advise(start, (nuint)bytes, AdvicePopulateWrite) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            // A signal may interrupt the call. Pages that are there stay, so each call gets further.
            if (error == ErrorInterrupted) continue;
            if (error != ErrorUnknownAdvice) return $"the kernel cannot provide its pages: {Marshal.GetPInvokeErrorMessage(error)}";
            Touch(start, bytes);
            return null;
        }

        return null;
    }

    /// <summary>For kernels before 5.14. An atomic addition of 0 is a store that changes nothing.</summary>
    private static void Touch(byte* start, long bytes)
    {
        for (long offset = 0; offset < bytes; offset += SegmentLayout.PageBytes) Interlocked.Add(ref *(int*)(start + offset), 0);
    }

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static partial int Advise(byte* start, nuint bytes, int advice);
}
