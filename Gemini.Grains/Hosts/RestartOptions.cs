namespace Gemini.Grains.Hosts;

/// <summary>
/// When a trainer counts as broken, and how long the pauses between its starts are. Section "advanced.trainer.restart" of the configuration file.
/// </summary>
public sealed record RestartOptions
{
    /// <summary>
    /// After so many starts in a row that fail before the first step, the trainer counts as broken. Range: above 0. Default: 3, so that one or two
    /// accidents cost the host no position.
    /// </summary>
    public int FailedStartLimit { get; init; } = 3;

    /// <summary>The first pause between two starts; each further one is twice as long. Range: above 0. Default: 1 s.</summary>
    public TimeSpan PauseMin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause. Range: at least <see cref="PauseMin"/>. Default: 60 s: long enough to be cheap, short enough to notice a fix.</summary>
    public TimeSpan PauseMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// A connected trainer that has waited this long for its epoch counts as healthy without a step, as on a standby host. Range: above 0. Default:
    /// 60 s. A program that fails at its start ends in less time after its hello.
    /// </summary>
    public TimeSpan SettleTime { get; init; } = TimeSpan.FromMinutes(1);
}
