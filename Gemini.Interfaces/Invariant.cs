using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Gemini.Interfaces;

/// <summary>States what must be true whatever arrives from outside. It is checked in every build, Release too.</summary>
/// <remarks>
/// An invariant that does not hold is a mistake in this program. The component that finds it stops, because what it knows is wrong, and what comes up in
/// its place starts from the record. What hosts and people say is no invariant: it is validated and refused.
/// </remarks>
public static class Invariant
{
    /// <param name="condition">What must be true.</param>
    /// <param name="message">What is wrong if it is not, for people. Nothing of it is formatted while the condition is true.</param>
    /// <exception cref="InvariantViolatedException">The condition is false.</exception>
    public static void Check(
        [DoesNotReturnIf(false)] bool condition, [InterpolatedStringHandlerArgument(nameof(condition))] InvariantMessage message)
    {
        if (!condition) throw new InvariantViolatedException(message.ToStringAndClear());
    }

    /// <param name="condition">What must be true.</param>
    /// <param name="message">What is wrong if it is not, for people.</param>
    /// <exception cref="InvariantViolatedException">The condition is false.</exception>
    public static void Check([DoesNotReturnIf(false)] bool condition, string message)
    {
        if (!condition) throw new InvariantViolatedException(message);
    }
}
