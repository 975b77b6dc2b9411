using Gemini.Silo.Persistence;

namespace Gemini.Silo.Tests.Persistence;

/// <summary>The fake keeps the promises that the tests on it rely on.</summary>
public sealed class MemoryStoreTests : SnapshotStoreContract
{
    private protected override ISnapshotStore Store { get; } = new MemoryStore();
}
