using Gemini.Silo.Configuration;

namespace Gemini.Silo.Tests.Configuration;

public sealed class OpenFileLimitTests
{
    [Theory]
    [InlineData(256UL)]
    [InlineData(599UL)]
    public void Require_TooFew_NamesTheLimitAndTheFix(ulong limit) =>
        Assert.Contains($"the limit is {limit}; raise it (ulimit -Hn", Assert.Throws<BadInputException>(() => OpenFileLimit.Require(limit)).Message);

    [Fact]
    public void Require_Enough_Passes() => OpenFileLimit.Require(1024);
}
