using Microsoft.Extensions.Options;

namespace Gemini.Silo.Transfer;

/// <summary>Refuses transfer options that cannot work, naming the option, its value and the rule.</summary>
internal sealed class TransferOptionsValidator : IValidateOptions<TransferOptions>
{
    public ValidateOptionsResult Validate(string? name, TransferOptions options)
    {
        List<string> failures = [];
        foreach (var (option, value) in new[]
        {
            (nameof(options.ConnectTimeout), options.ConnectTimeout),
            (nameof(options.HandshakeTimeout), options.HandshakeTimeout),
            (nameof(options.ChunkTimeout), options.ChunkTimeout),
            (nameof(options.CheckTimeout), options.CheckTimeout),
            (nameof(options.CaptureStallTimeout), options.CaptureStallTimeout),
            (nameof(options.WatermarkPoll), options.WatermarkPoll),
            (nameof(options.IdleConnectionTimeout), options.IdleConnectionTimeout),
            (nameof(options.RetryDelayMinimum), options.RetryDelayMinimum),
            (nameof(options.SlotWait), options.SlotWait),
        })
        {
            if (value <= TimeSpan.Zero) failures.Add($"{option} is {value}; it must be above zero.");
        }

        if (options.CaptureStallTimeout >= options.ChunkTimeout)
        {
            failures.Add($"{nameof(options.CaptureStallTimeout)} is {options.CaptureStallTimeout}; it must be below " +
                $"{nameof(options.ChunkTimeout)}, {options.ChunkTimeout}, or receivers give up first. Lower the one or raise the other.");
        }

        if (options.RetryDelayMaximum < options.RetryDelayMinimum)
        {
            failures.Add($"{nameof(options.RetryDelayMaximum)} is {options.RetryDelayMaximum}; it must be at least " +
                $"{nameof(options.RetryDelayMinimum)}, {options.RetryDelayMinimum}.");
        }

        if (options.ConnectionsMaximum is < 1 or > ushort.MaxValue)
            failures.Add($"{nameof(options.ConnectionsMaximum)} is {options.ConnectionsMaximum}; it must be 1 to {ushort.MaxValue}.");
        if (options.HandshakesMaximum is < 1 or > ushort.MaxValue)
            failures.Add($"{nameof(options.HandshakesMaximum)} is {options.HandshakesMaximum}; it must be 1 to {ushort.MaxValue}.");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
