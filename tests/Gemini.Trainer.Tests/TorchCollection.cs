using Gemini.Trainer.Client.Native;

namespace Gemini.Trainer.Tests;

/// <summary>Tests that use torch run one after the other: its random number generator belongs to the process.</summary>
[CollectionDefinition(Name)]
public sealed class TorchCollection : ICollectionFixture<TorchCollection.Started>
{
    public const string Name = "torch";

    public sealed class Started
    {
        public Started() => TorchNative.Start();
    }
}
