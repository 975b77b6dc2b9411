using Gemini.Silo.Configuration;

namespace Gemini.Benchmarks.Networks;

/// <summary>
/// Lets network namespaces use a congestion control. The kernel gives them only those that the machine allows to everyone. Disposing sets what the
/// machine allows back to what it was.
/// </summary>
internal sealed class AllowedCongestionControl : IDisposable
{
    private const string Allowed = "/proc/sys/net/ipv4/tcp_allowed_congestion_control";

    private readonly string _before;

    private AllowedCongestionControl(string before) => _before = before;

    /// <param name="name">Such as cubic.</param>
    /// <exception cref="BadInputException">The kernel does not know it, or this user may not allow it.</exception>
    public static AllowedCongestionControl Allow(string name)
    {
        var before = File.ReadAllText(Allowed).Trim();
        try
        {
            if (!before.Split(' ').Contains(name)) File.WriteAllText(Allowed, $"{before} {name}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--cc {name} cannot be used here: {error.Message.ReplaceLineEndings(" ")} See {Allowed}.");
        }

        return new AllowedCongestionControl(before);
    }

    public void Dispose() => File.WriteAllText(Allowed, _before);
}
