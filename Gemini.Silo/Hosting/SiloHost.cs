using Gemini.Silo.Configuration;

namespace Gemini.Silo.Hosting;

/// <summary>One host: its silo, its memory, its data port, its trainers.</summary>
public static class SiloHost
{
    public static Task<int> RunAsync(HostConfiguration configuration, CancellationToken ct) =>
        throw new NotImplementedException("The silo host is not here yet.");
}
