using Gemini.Grains.Placement.Probability;

namespace Gemini.Grains.Tests.Placement.Probability;

internal static class Fractions
{
    /// <summary>left ≤ right, exactly.</summary>
    public static bool AtMost(ExactProbability left, ExactProbability right) =>
        left.Favourable * right.Possible <= right.Favourable * left.Possible;
}
