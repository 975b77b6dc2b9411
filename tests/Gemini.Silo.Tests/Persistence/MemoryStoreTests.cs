using Gemini.Silo.Persistence;

namespace Gemini.Silo.Tests.Persistence;

/// <summary>The fake store keeps the promises on which its tests rely.</summary>
public sealed class MemoryStoreTests : SnapshotStoreContract
{
    private protected override ISnapshotStore Store { get; } = new MemoryStore();
}
