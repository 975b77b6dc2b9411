using Gemini.Interfaces.Model;

namespace Gemini.Grains.Health;

/// <summary>What a host owes the job.</summary>
/// <param name="Kind">The kind of step.</param>
/// <param name="Version">The directive that asks for it.</param>
/// <param name="Position">The host's position. If the host gets another position, its time begins again.</param>
/// <param name="Incarnation">The silo process that has to do it.</param>
internal readonly record struct Duty(DutyKind Kind, DirectiveVersion Version, HostPosition? Position, long Incarnation);

/// <summary>The steps that a host can fail to carry out.</summary>
internal enum DutyKind
{
    /// <summary>Stop its trainers and report what it holds.</summary>
    Halt,

    /// <summary>Have trainers that declare the sizes of their shards.</summary>
    Declare,

    /// <summary>Have its segments, its copies and its trainers ready.</summary>
    Prepare,
}
