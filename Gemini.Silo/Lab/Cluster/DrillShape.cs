using System.Globalization;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>A job's size.</summary>
/// <param name="Hosts">N.</param>
/// <param name="Replicas">m.</param>
internal readonly record struct DrillShape(int Hosts, int Replicas)
{
    /// <summary>The three shapes of the whole matrix: groups only, a group and a ring, three replicas.</summary>
    public static readonly DrillShape[] All = [new(4, 2), new(5, 2), new(6, 3)];

    /// <summary>"4,2".</summary>
    /// <exception cref="BadInputException">The text is not a shape, or the shape has fewer than two groups.</exception>
    public static DrillShape Parse(string text)
    {
        var parts = text.Split(',');
        if (parts.Length == 2 && Number(parts[0]) is { } hosts && Number(parts[1]) is { } replicas && replicas >= 2 && hosts >= 2 * replicas)
            return new DrillShape(hosts, replicas);
        throw new BadInputException($"--shape {text} is no shape with at least two groups; write N,m with 2 <= m <= N/2, such as 4,2.");

        static int? Number(string part) => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= 64 ? value : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Hosts},{Replicas}");
}
