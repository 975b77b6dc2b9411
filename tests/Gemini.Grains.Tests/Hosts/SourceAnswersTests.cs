using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosts;

public sealed class SourceAnswersTests
{
    private static readonly HostName Own = new("h1");
    private static readonly HostName Far = new("h2");
    private static readonly HostName Farther = new("h3");

    [Fact]
    public void Next_SourceCannotBeReached_TheOthersFirstThenAgainAfterAPause()
    {
        var answers = new SourceAnswers([Own, Far, Farther]);
        var asked = new List<(HostName Source, double? PauseMilliseconds)>();
        while (answers.Next is { } source)
        {
            asked.Add((source, answers.PauseBefore?.TotalMilliseconds));
            answers.Add($"{source} says no", mayPass: source != Own);
        }

        Assert.Equal([(Own, null), (Far, null), (Farther, null), (Far, 200), (Farther, null), (Far, 400), (Farther, null)], asked);
    }

    [Fact]
    public void Next_SourcesThatAnswerNo_AreAskedOnce()
    {
        var answers = new SourceAnswers([Far, Farther]);
        answers.Add("h2 has no such copy", mayPass: false);
        Assert.Equal(Farther, answers.Next);
        answers.Add("h3 has no such copy", mayPass: false);

        Assert.Null(answers.Next);
    }

    [Fact]
    public void ToString_SaysWhoAnsweredWhat_EachAnswerOnce()
    {
        var answers = new SourceAnswers([Far]);
        while (answers.Next is not null) answers.Add("h2 (10.0.0.2:11112): connection refused", mayPass: true);

        Assert.Equal("h2 (10.0.0.2:11112): connection refused", answers.ToString());
        Assert.Equal("the plan has no source", new SourceAnswers([]).ToString());
    }
}
