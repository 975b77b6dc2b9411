using Gemini.Interfaces.Model;

namespace Gemini.Grains.Placement.Domains;

/// <summary>A host and its labels.</summary>
public readonly record struct LabelledHost(HostName Host, HostLabels Labels);
