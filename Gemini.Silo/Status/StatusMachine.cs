namespace Gemini.Silo.Status;

/// <summary>A missing machine, and the state of the request for it.</summary>
internal sealed record StatusMachine
{
    public required string Host { get; init; }

    /// <summary>pausing, asked or joining.</summary>
    public required string State { get; init; }

    /// <summary>The newest attempt, from 1; 0 before the first.</summary>
    public required int Attempt { get; init; }

    /// <summary>What the request waits for, for people.</summary>
    public required string Text { get; init; }
}
