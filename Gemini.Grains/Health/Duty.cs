using Gemini.Interfaces.Model;

namespace Gemini.Grains.Health;

/// <summary>What a host owes the job.</summary>
/// <param name="Kind">What.</param>
/// <param name="Version">Which directive asks for it.</param>
/// <param name="Position">For which position: a host that gets another one has all its time again.</param>
/// <param name="Incarnation">Which silo process has to do it.</param>
internal readonly record struct Duty(DutyKind Kind, DirectiveVersion Version, HostPosition? Position, long Incarnation);

/// <summary>The steps that a host can fail to carry out.</summary>
internal enum DutyKind
{
    /// <summary>Stop its trainers and say what it holds.</summary>
    Halt,

    /// <summary>Have trainers that say how large their shards are.</summary>
    Declare,

    /// <summary>Have its segments, its copies and its trainers.</summary>
    Prepare,
}
