using Gemini.Grains.Recovery;
using Gemini.Grains.Root;
using Gemini.Grains.Tests.Hosting;
using Orleans.Runtime;

namespace Gemini.Grains.Tests.Root;

/// <summary>The record in Orleans' grain storage in memory.</summary>
public sealed class MemoryRecordStoreTests(OneSiloPerHostCluster cluster) : RecordStoreContract, IClassFixture<OneSiloPerHostCluster>
{
    private static int s_records;

    /// <summary>Without a record, this storage accepts any etag.</summary>
    private protected override bool RefusesEtagOfALostRecord => false;

    private protected override Task RunAsync(Func<Store, Task> test)
    {
        var grain = RootAgent.GrainIdOf($"job-{Interlocked.Increment(ref s_records)}");
        var storage = new LossyStorage(cluster.Records);
        return test(new Store(new GrainRecordStore(storage, grain), LoseAsync, lost => storage.LosesAnswers = lost));

        async Task LoseAsync()
        {
            var state = new GrainState<RootRecord>();
            await storage.ReadStateAsync(RootAgent.RecordName, grain, state);
            await storage.ClearStateAsync(RootAgent.RecordName, grain, state);
        }
    }
}
