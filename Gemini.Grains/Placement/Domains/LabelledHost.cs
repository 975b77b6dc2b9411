using Gemini.Interfaces.Model;

namespace Gemini.Grains.Placement.Domains;

/// <summary>A host and where it stands.</summary>
public readonly record struct LabelledHost(HostName Host, HostLabels Labels);
