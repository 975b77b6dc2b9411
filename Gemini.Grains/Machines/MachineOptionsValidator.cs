using Microsoft.Extensions.Options;

namespace Gemini.Grains.Machines;

/// <summary>Refuses machine options that cannot work, naming the option, its value and the rule.</summary>
public sealed class MachineOptionsValidator : IValidateOptions<MachineOptions>
{
    public ValidateOptionsResult Validate(string? name, MachineOptions options)
    {
        List<string> failures = [];
        if (options.ReturnGrace < TimeSpan.Zero) failures.Add($"{nameof(options.ReturnGrace)} is {options.ReturnGrace}; it must not be negative.");
        foreach (var (option, value) in new[]
        {
            (nameof(options.PauseMinimum), options.PauseMinimum),
            (nameof(options.AttemptLimit), options.AttemptLimit),
            (nameof(options.JoinLimit), options.JoinLimit),
        })
        {
            if (value <= TimeSpan.Zero) failures.Add($"{option} is {value}; it must be above zero.");
        }

        if (options.PauseMaximum < options.PauseMinimum)
        {
            failures.Add($"{nameof(options.PauseMaximum)} is {options.PauseMaximum}; it must be at least " +
                $"{nameof(options.PauseMinimum)}, {options.PauseMinimum}. Lower the one or raise the other.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
