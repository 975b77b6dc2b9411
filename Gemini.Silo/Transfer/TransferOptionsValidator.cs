using Gemini.Silo.Registration;

namespace Gemini.Silo.Transfer;

/// <summary>The rules of the section "advanced.transfer".</summary>
internal static class TransferOptionsValidator
{
    public static IReadOnlyList<string> Validate(TransferOptions options)
    {
        var (rules, usual) = (new SectionRules("advanced.transfer"), new TransferOptions());
        rules.Positive(options.ConnectTimeout, usual.ConnectTimeout);
        rules.Positive(options.HandshakeTimeout, usual.HandshakeTimeout);
        rules.Positive(options.ChunkTimeout, usual.ChunkTimeout);
        rules.Positive(options.CheckTimeout, usual.CheckTimeout);
        rules.Require(
            options.CheckTimeoutMaximum >= options.CheckTimeout && options.CheckTimeoutMaximum <= SectionRules.Longest, options.CheckTimeoutMaximum,
            $"must be at least checkTimeoutSeconds, {options.CheckTimeout.TotalSeconds}, and at most a week; raise it");
        rules.Positive(options.CaptureStallTimeout, usual.CaptureStallTimeout);
        rules.Require(
            options.CaptureStallTimeout < options.ChunkTimeout, options.CaptureStallTimeout,
            $"must be below chunkTimeoutSeconds, {options.ChunkTimeout.TotalSeconds}, because otherwise receivers time out first; "
                + "lower it, or raise chunkTimeoutSeconds");
        rules.Positive(options.WatermarkPoll, usual.WatermarkPoll);
        rules.Require(options.SpanSafety is > 0 and <= 1, options.SpanSafety, $"must be above 0 and at most 1; use a number such as {usual.SpanSafety}");
        rules.Require(
            options.TrainingTolerance is >= 0 and <= 1, options.TrainingTolerance, $"must be 0 to 1; use a number such as {usual.TrainingTolerance}");
        rules.Require(
            options.ProfileIterations is >= 1 and <= 100, options.ProfileIterations, $"must be 1 to 100; use a number such as {usual.ProfileIterations}");
        rules.Positive(options.PathProbe, usual.PathProbe);
        rules.Positive(options.IdleConnectionTimeout, usual.IdleConnectionTimeout);
        rules.Positive(options.RetryDelayMinimum, usual.RetryDelayMinimum);
        rules.Require(
            options.RetryDelayMaximum >= options.RetryDelayMinimum && options.RetryDelayMaximum <= SectionRules.Longest, options.RetryDelayMaximum,
            $"must be at least retryDelayMinimumSeconds, {options.RetryDelayMinimum.TotalSeconds}, and at most a week; raise it");
        rules.Positive(options.SlotWait, usual.SlotWait);
        rules.Require(options.ConnectionsMaximum is >= 1 and <= ushort.MaxValue, options.ConnectionsMaximum, Count(usual.ConnectionsMaximum));
        rules.Require(options.HandshakesMaximum is >= 1 and <= ushort.MaxValue, options.HandshakesMaximum, Count(usual.HandshakesMaximum));
        return rules.Problems;
    }

    private static string Count(int usual) => $"must be 1 to {ushort.MaxValue}; use a number such as {usual}";
}
