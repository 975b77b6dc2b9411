using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Gemini.Interfaces;

/// <summary>Checks conditions that must be true whatever arrives from outside. They are checked in every build, also in Release.</summary>
/// <remarks>
/// A violated invariant is a mistake in this program. The component that finds it stops, because its state is wrong. The component that replaces it
/// starts from the record. Input from hosts and people is not an invariant: it is validated and, if wrong, refused.
/// </remarks>
public static class Invariant
{
    /// <param name="condition">What must be true.</param>
    /// <param name="message">What is wrong if the condition is false, for people. The message is formatted only if the condition is false.</param>
    /// <exception cref="InvariantViolatedException">The condition is false.</exception>
    public static void Check(
        [DoesNotReturnIf(false)] bool condition, [InterpolatedStringHandlerArgument(nameof(condition))] InvariantMessage message)
    {
        if (!condition) throw new InvariantViolatedException(message.ToStringAndClear());
    }

    /// <param name="condition">What must be true.</param>
    /// <param name="message">What is wrong if the condition is false, for people.</param>
    /// <exception cref="InvariantViolatedException">The condition is false.</exception>
    public static void Check([DoesNotReturnIf(false)] bool condition, string message)
    {
        if (!condition) throw new InvariantViolatedException(message);
    }
}
