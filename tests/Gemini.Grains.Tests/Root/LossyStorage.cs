using Orleans.Runtime;
using Orleans.Storage;

namespace Gemini.Grains.Tests.Root;

/// <summary>Grain storage that carries out every write, and may lose its answer.</summary>
internal sealed class LossyStorage(IGrainStorage storage) : IGrainStorage
{
    public bool LosesAnswers { get; set; }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => storage.ReadStateAsync(stateName, grainId, grainState);

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await storage.WriteStateAsync(stateName, grainId, grainState);
        if (LosesAnswers) throw new TimeoutException("no answer");
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => storage.ClearStateAsync(stateName, grainId, grainState);
}
