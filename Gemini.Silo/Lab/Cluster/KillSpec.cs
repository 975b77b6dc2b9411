namespace Gemini.Silo.Lab.Cluster;

/// <summary>One kill that the demo has to do: <c>trainer:host-1@12</c>.</summary>
/// <param name="Target">What is killed.</param>
/// <param name="Host">The host by its name at the start.</param>
/// <param name="Iteration">The kill comes in the middle of this iteration, 1 to the number of iterations.</param>
internal sealed record KillSpec(KillTarget Target, string Host, long Iteration)
{
    public override string ToString() => $"{Target.ToString().ToLowerInvariant()}:{Host}@{Iteration}";
}
