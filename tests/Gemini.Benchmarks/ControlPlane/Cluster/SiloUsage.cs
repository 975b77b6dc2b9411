namespace Gemini.Benchmarks.ControlPlane.Cluster;

/// <summary>What one silo process has used and sent.</summary>
/// <param name="CpuMilliseconds">Processor time.</param>
/// <param name="Messages">Messages that it sent to other processes and received from them.</param>
/// <param name="Bytes">Their sizes.</param>
internal readonly record struct SiloUsage(double CpuMilliseconds, double Messages, double Bytes)
{
    public SiloUsage Times(double factor) => new(CpuMilliseconds * factor, Messages * factor, Bytes * factor);

    public static SiloUsage operator -(SiloUsage later, SiloUsage earlier) =>
        new(later.CpuMilliseconds - earlier.CpuMilliseconds, later.Messages - earlier.Messages, later.Bytes - earlier.Bytes);

    public static SiloUsage operator +(SiloUsage one, SiloUsage other) =>
        new(one.CpuMilliseconds + other.CpuMilliseconds, one.Messages + other.Messages, one.Bytes + other.Bytes);
}
