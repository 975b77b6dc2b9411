using Gemini.Grains.Recovery;

namespace Gemini.Grains.Tests.Recovery;

public sealed class RootRecordContractTests
{
    /// <summary>The record outlives every process of the job. So a new version must read what an old one has written.</summary>
    [Fact]
    public void Record_IsThatOfThePinnedText() =>
        ContractText.AssertIsPinned(typeof(RootRecord).Assembly, "tests/Gemini.Grains.Tests/Recovery/record-contracts.txt");
}
