using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Grains;

/// <summary>A trainer's place in the job.</summary>
[GenerateSerializer, Immutable, Alias("gemini.TrainerMembership")]
public sealed record TrainerMembership(Rank Rank, int WorldSize, JobSpec Job, HostName Host);
