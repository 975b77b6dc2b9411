using System.Globalization;

namespace Gemini.Interfaces.Model;

/// <summary>
/// A host that the job wants but does not have, and how far the request for it is. All times are Unix milliseconds of the root agent's clock.
/// </summary>
[GenerateSerializer, Immutable, Alias("gemini.MachineRequest")]
public sealed record MachineRequest
{
    [Id(0)] public required HostName Host { get; init; }

    /// <summary>Why the machine is wanted.</summary>
    [Id(1)] public required string Reason { get; init; }

    [Id(2)] public MachineRequestState State { get; init; }

    /// <summary>The newest attempt, from 1; 0 before the first.</summary>
    [Id(3)] public int Attempt { get; init; }

    /// <summary>
    /// Since when the host is missing. A machine of this name that is younger is the new machine, and no attempt may mistake it for the lost one. If
    /// a new machine came up but never joined, this becomes the time when it came up, because that machine is now lost too.
    /// </summary>
    [Id(4)] public long MissingSince { get; init; }

    /// <summary>When <see cref="State"/> began.</summary>
    [Id(5)] public long Since { get; init; }

    /// <summary>
    /// When <see cref="State"/> ends by itself: the end of the pause, or of the time limit for the operator's answer or for the machine to join.
    /// </summary>
    [Id(6)] public long Until { get; init; }

    /// <summary>The result of the newest attempt that has ended; empty before the first has ended.</summary>
    [Id(7)] public string Answer { get; init; } = "";

    /// <summary>The operator's newest output line in the newest attempt; empty without one.</summary>
    [Id(8)] public string Output { get; init; } = "";

    /// <summary>What the request waits for. The text stays the same while the state stays the same.</summary>
    public string Describe() => State switch
    {
        MachineRequestState.Asked => Join($"{Host} is requested, attempt {Attempt}", Output),
        MachineRequestState.Joining => Join($"{Host} was started at attempt {Attempt} and has not joined yet", Answer),
        _ when Attempt == 0 => $"{Host} is missing; a machine is requested if the host is not back within {Seconds(Until - Since)}",
        _ => $"attempt {Attempt} to get {Host} failed: {Answer}; next attempt after {Seconds(Until - Since)}",
    };

    private static string Join(string what, string said) => said.Length == 0 ? what : $"{what}: {said}";

    private static string Seconds(long milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000.0:0.#} s");
}
