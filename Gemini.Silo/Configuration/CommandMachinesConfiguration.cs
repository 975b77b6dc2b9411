using System.Collections.Immutable;

namespace Gemini.Silo.Configuration;

/// <summary>A program that brings machines up.</summary>
public sealed record CommandMachinesConfiguration
{
    /// <summary>
    /// The program and its arguments. A path with a '/' is relative to the configuration file; a bare name is looked up in PATH. The program gets
    /// GEMINI_JOB, GEMINI_HOST, GEMINI_REASON, GEMINI_ATTEMPT and GEMINI_MISSING_SECONDS in its environment. Exit code 0 means that a machine is up.
    /// </summary>
    public ImmutableArray<string> Run { get; init; } = [];
}
