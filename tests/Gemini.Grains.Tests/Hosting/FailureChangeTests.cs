using Gemini.Grains.Hosting;

namespace Gemini.Grains.Tests.Hosting;

public sealed class FailureChangeTests
{
    private readonly FailureChange _failure = new();

    /// <summary>Times and counts differ at every attempt. That alone is no news.</summary>
    [Fact]
    public void IsNews_TheFirstTime_AndWhenTypeOrTextDiffer()
    {
        Assert.True(_failure.IsNews(new TimeoutException("no answer after 17 ms")));
        Assert.False(_failure.IsNews(new TimeoutException("no answer after 1800 ms")));
        Assert.True(_failure.IsNews(new IOException("no answer after 17 ms")));
        Assert.True(_failure.IsNews(new IOException("no answer")));
        Assert.True(_failure.IsNews(new TimeoutException("no answer after 17 ms")));
    }

    [Fact]
    public void Ends_OnceAfterAFailure_AndThenTheSameFailureIsNewsAgain()
    {
        Assert.False(_failure.Ends());
        _failure.IsNews(new IOException("disk full"));
        Assert.True(_failure.IsFailing);

        Assert.True(_failure.Ends());

        Assert.False(_failure.IsFailing);
        Assert.False(_failure.Ends());
        Assert.True(_failure.IsNews(new IOException("disk full")));
    }
}
