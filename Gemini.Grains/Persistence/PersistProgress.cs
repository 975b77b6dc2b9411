using Gemini.Interfaces.Model;

namespace Gemini.Grains.Persistence;

/// <summary>Where persisting stands.</summary>
/// <param name="Since">When the newest snapshot in storage was asked for, or the job began; Unix milliseconds.</param>
/// <param name="Reached">The newest iteration that any rank has finished.</param>
/// <param name="Total">Iterations that the job is to run; 0 if the job does not say.</param>
/// <param name="Misses">How many snapshots in a row were asked for and missed.</param>
public readonly record struct PersistProgress(long Since, Iteration Reached, long Total, int Misses);
