using Gemini.Grains.Health;

namespace Gemini.Grains.Tests.Hosting;

/// <summary>Trainers that no question reaches: nothing follows from asking them.</summary>
public sealed class UnknownTrainers : ITrainerProbe
{
    public Task<ProbeAnswer> AskAsync(string address) => Task.FromResult(ProbeAnswer.Silent);
}
