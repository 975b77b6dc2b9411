using System.IO.Hashing;
using System.Text;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Silo.Trainers;

/// <summary>The data that all supervised trainers of a host share.</summary>
/// <param name="Job">The job.</param>
/// <param name="Host">This host.</param>
/// <param name="Paths">Its files.</param>
/// <param name="Options">How trainers are started, and the limits.</param>
/// <param name="Time">The clock.</param>
/// <param name="Deaths">Notices the death of processes.</param>
/// <param name="OomKills">How many processes the kernel has killed so far because memory ran out; null if it does not say.</param>
/// <param name="Logger">The log.</param>
internal sealed record TrainerContext(
    JobSpec Job, HostName Host, HostPaths Paths, TrainerOptions Options, TimeProvider Time, DeathWatch Deaths, Func<long?> OomKills, ILogger Logger)
{
    /// <summary>A hash of the program and its arguments, on which all hosts must agree; empty if they need not agree.</summary>
    public string Program { get; } = Job.Trainer is { Length: > 0 } trainer ? XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(trainer)).ToString("x16") : "";
}
