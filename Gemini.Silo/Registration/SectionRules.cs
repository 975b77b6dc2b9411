using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Gemini.Silo.Registration;

/// <summary>Collects the errors in one section of the configuration file. Every message names the property, its value, the rule and the fix.</summary>
/// <param name="section">The section, such as "advanced.transfer". The name of a property follows from the checked expression.</param>
internal sealed class SectionRules(string section)
{
    /// <summary>A week. A longer time is an error in the unit.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    private readonly List<string> _problems = [];

    /// <summary>One line per broken rule.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>A time above 0.</summary>
    /// <param name="time">What is checked: a property of the section's options.</param>
    /// <param name="usual">A value that works.</param>
    /// <param name="expression">The property, as the compiler writes it.</param>
    public void Positive(TimeSpan time, TimeSpan usual, [CallerArgumentExpression(nameof(time))] string expression = "") =>
        Require(time > TimeSpan.Zero && time <= Longest, time, $"must be above 0 and at most a week; use a number such as {usual.TotalSeconds}", expression);

    /// <summary>A time of 0 or more.</summary>
    /// <param name="time">What is checked: a property of the section's options.</param>
    /// <param name="usual">A value that works.</param>
    /// <param name="expression">The property, as the compiler writes it.</param>
    public void NotNegative(TimeSpan time, TimeSpan usual, [CallerArgumentExpression(nameof(time))] string expression = "") =>
        Require(time >= TimeSpan.Zero && time <= Longest, time, $"must be from 0 to a week; use a number such as {usual.TotalSeconds}", expression);

    /// <summary>Any other rule.</summary>
    /// <param name="holds">Whether it holds.</param>
    /// <param name="value">What is checked: a property of the section's options.</param>
    /// <param name="ruleAndFix">"must be ...; use ...".</param>
    /// <param name="expression">The property, as the compiler writes it.</param>
    public void Require(bool holds, object? value, string ruleAndFix, [CallerArgumentExpression(nameof(value))] string expression = "")
    {
        if (holds) return;
        var (unit, text) = value is TimeSpan time ? ("Seconds", $"{time.TotalSeconds}") : ("", $"{value}");
        _problems.Add($"{section}.{JsonNamingPolicy.CamelCase.ConvertName(expression.Split('.')[^1])}{unit} is {text}, but {ruleAndFix}");
    }
}
