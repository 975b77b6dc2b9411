using System.Globalization;

namespace Gemini.Interfaces.Model;

/// <summary>
/// A host that the job wants and does not have, and what is being done about it. All times are Unix milliseconds of the root
/// agent's clock.
/// </summary>
[GenerateSerializer, Immutable, Alias("gemini.MachineRequest")]
public sealed record MachineRequest
{
    [Id(0)] public required HostName Host { get; init; }

    /// <summary>What the machine is wanted for.</summary>
    [Id(1)] public required string Reason { get; init; }

    [Id(2)] public MachineRequestState State { get; init; }

    /// <summary>The newest attempt, from 1; 0 before the first.</summary>
    [Id(3)] public int Attempt { get; init; }

    /// <summary>
    /// From when the host is missing. Whatever machine of this name is younger is the new one, and no attempt may take it for
    /// the lost one; a machine that came up and never joined makes this the time at which it came up.
    /// </summary>
    [Id(4)] public long MissingSince { get; init; }

    /// <summary>When <see cref="State"/> began.</summary>
    [Id(5)] public long Since { get; init; }

    /// <summary>When <see cref="State"/> ends by itself: the pause is over, or the operator or the machine has had its time.</summary>
    [Id(6)] public long Until { get; init; }

    /// <summary>What came of the newest attempt that has ended; empty before.</summary>
    [Id(7)] public string Answer { get; init; } = "";

    /// <summary>The newest line that the operator said in the newest attempt; empty when it said none.</summary>
    [Id(8)] public string Output { get; init; } = "";

    /// <summary>What is waited for, in words that stay the same while the state does.</summary>
    public string Describe() => State switch
    {
        MachineRequestState.Asked => Join($"{Host} is asked for, attempt {Attempt}", Output),
        MachineRequestState.Joining => Join($"{Host} was brought up at attempt {Attempt} and has yet to join", Answer),
        _ when Attempt == 0 => $"{Host} is missing and is asked for unless it is back within {Seconds(Until - Since)}",
        _ => $"{Host} was asked for, attempt {Attempt}, in vain: {Answer}; again after {Seconds(Until - Since)}",
    };

    private static string Join(string what, string said) => said.Length == 0 ? what : $"{what}: {said}";

    private static string Seconds(long milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000.0:0.#} s");
}
