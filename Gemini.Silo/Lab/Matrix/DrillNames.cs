using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Matrix;

/// <summary>Names of targets and times on the command line and in reports.</summary>
internal static class DrillNames
{
    public static string Of(DrillTarget target) => target switch
    {
        DrillTarget.GroupPair => "group-pair",
        DrillTarget.CrossPair => "cross-pair",
        _ => target.ToString().ToLowerInvariant(),
    };

    public static string Of(DrillTime time) => time.ToString().ToLowerInvariant();

    public static string Of(DrillEnding ending) => ending.ToString().ToLowerInvariant();

    /// <exception cref="BadInputException">No target has this name.</exception>
    public static DrillTarget Target(string name) => Find(Enum.GetValues<DrillTarget>(), Of, "--what", name);

    /// <exception cref="BadInputException">No time has this name.</exception>
    public static DrillTime Time(string name) => Find(Enum.GetValues<DrillTime>(), Of, "--when", name);

    private static T Find<T>(T[] values, Func<T, string> nameOf, string option, string name)
    {
        var index = Array.FindIndex(values, value => nameOf(value) == name);
        return index >= 0
            ? values[index]
            : throw new BadInputException($"{option} {name} is unknown; known are: {string.Join(", ", values.Select(nameOf))}.");
    }
}
