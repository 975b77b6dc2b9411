using System.Collections.Immutable;

namespace Gemini.Silo.Lab.Detection;

/// <summary>What <c>gemini drill detect --report</c> writes.</summary>
/// <param name="Profile">How soon silence counts as death.</param>
/// <param name="Model">What was trained.</param>
/// <param name="PaceMs">An iteration took at least this long; zero: full speed.</param>
/// <param name="Hosts">Hosts that trained.</param>
/// <param name="Cores">The machine's cores, which all hosts shared.</param>
/// <param name="Faults">One entry for each fault.</param>
internal sealed record DetectionReport(string Profile, string Model, int PaceMs, int Hosts, int Cores, ImmutableArray<FaultResult> Faults);
