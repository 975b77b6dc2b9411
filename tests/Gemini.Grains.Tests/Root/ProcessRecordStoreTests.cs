using Gemini.Grains.Root;
using Gemini.Grains.Tests.Hosting;

namespace Gemini.Grains.Tests.Root;

/// <summary>The record in a grain storage that treats etags like Redis.</summary>
public sealed class ProcessRecordStoreTests : RecordStoreContract
{
    private protected override Task RunAsync(Func<Store, Task> test)
    {
        var process = new ProcessStorage();
        var storage = new LossyStorage(process);
        return test(new Store(new GrainRecordStore(storage, RootAgent.GrainIdOf("job")), LoseAsync, lost => storage.LosesAnswers = lost));

        Task LoseAsync()
        {
            process.Lose();
            return Task.CompletedTask;
        }
    }
}
