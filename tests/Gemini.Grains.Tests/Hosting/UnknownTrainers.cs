using Gemini.Grains.Health;

namespace Gemini.Grains.Tests.Hosting;

/// <summary>No probe reaches these trainers, and the root agent draws no conclusion from a probe.</summary>
public sealed class UnknownTrainers : ITrainerProbe
{
    public Task<ProbeAnswer> AskAsync(string address) => Task.FromResult(ProbeAnswer.Silent);
}
