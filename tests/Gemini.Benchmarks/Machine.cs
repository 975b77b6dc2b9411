using System.Runtime.InteropServices;

namespace Gemini.Benchmarks;

/// <summary>Where something was measured.</summary>
/// <param name="Cores">Logical processors.</param>
/// <param name="Processor">The processor's name.</param>
/// <param name="Kernel">The version of the operating system's kernel.</param>
/// <param name="Runtime">The .NET runtime.</param>
internal sealed record Machine(int Cores, string Processor, string Kernel, string Runtime)
{
    public static Machine This() =>
        new(Environment.ProcessorCount, ProcessorName(), File.ReadAllText("/proc/sys/kernel/osrelease").Trim(), RuntimeInformation.FrameworkDescription);

    private static string ProcessorName() => File.ReadLines("/proc/cpuinfo")
        .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";
}
