using System.Collections.Immutable;
using System.Globalization;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Demo;

/// <summary>Reads the <c>--kill</c> options.</summary>
internal static class KillSpecParser
{
    public const string None = "none";

    /// <summary>The requested kills; <see cref="Defaults"/> if none is requested.</summary>
    /// <param name="texts">Every value of --kill, in order.</param>
    /// <param name="hosts">N.</param>
    /// <param name="standby">Further hosts, which may be killed as well.</param>
    /// <param name="iterations">Length of the run.</param>
    /// <exception cref="BadInputException">One of them cannot be done.</exception>
    public static ImmutableArray<KillSpec> Parse(IReadOnlyList<string> texts, int hosts, int standby, long iterations)
    {
        if (texts.Count == 0) return Defaults(hosts, iterations);
        if (texts.Contains(None))
            return texts.Count == 1 ? [] : throw new BadInputException("--kill none is given together with other kills; leave one of them out.");
        return [.. texts.Select(text => Check(ParseOne(text), hosts, standby, iterations))];
    }

    /// <summary>A trainer at 30 % of the run and another host at 60 %: trainer:host-1@12 and host:host-2@24 of 4 hosts and 40 iterations.</summary>
    public static ImmutableArray<KillSpec> Defaults(int hosts, long iterations) =>
    [
        new(KillTarget.Trainer, HostNames.Name(1 % hosts), Math.Max(1, iterations * 3 / 10)),
        new(KillTarget.Host, HostNames.Name(2 % hosts), Math.Max(1, iterations * 6 / 10)),
    ];

    private static KillSpec ParseOne(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var at = text.LastIndexOf('@');
        if (colon > 0 && at > colon + 1
            && Target(text[..colon]) is { } target
            && long.TryParse(text[(at + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var iteration))
            return new KillSpec(target, text[(colon + 1)..at], iteration);
        throw new BadInputException($"--kill {text} is not WHAT:HOST@ITERATION with WHAT one of trainer, silo, host; for example: --kill host:host-2@24");
    }

    private static KillTarget? Target(string word) => word switch
    {
        "trainer" => KillTarget.Trainer,
        "silo" => KillTarget.Silo,
        "host" => KillTarget.Host,
        _ => null,
    };

    private static KillSpec Check(KillSpec kill, int hosts, int standby, long iterations)
    {
        if (!HostNames.Names(hosts + standby).Contains(kill.Host))
            throw new BadInputException($"--kill {kill} names an unknown host; this demo has {HostNames.Name(0)} to {HostNames.Name(hosts + standby - 1)}.");
        if (kill.Iteration < 1 || kill.Iteration > iterations)
            throw new BadInputException(
                $"--kill {kill} is outside of the run, which has iterations 1 to {iterations}; choose one of them or raise --iterations.");
        return kill;
    }
}
