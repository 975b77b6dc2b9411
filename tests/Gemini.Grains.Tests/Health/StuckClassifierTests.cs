using Gemini.Grains.Health;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Health;

public sealed class StuckClassifierTests
{
    private const ProbeAnswer R = ProbeAnswer.Refused, S = ProbeAnswer.Silent, A = ProbeAnswer.Alive, C = ProbeAnswer.Computing, W = ProbeAnswer.WaitingForPeers;

    public static TheoryData<ProbeAnswer[], int[], int[], string> Cases => new()
    {
        { [W, S, W], [5, 5, 5], [1], "rank 1 on h1 does not answer" },
        { [W, S, R], [5, 5, 5], [1, 2], "rank 1 on h1, rank 2 on h2 do not answer" },
        { [C, S, W], [4, 5, 5], [1], "does not answer" },
        { [W, W, C], [5, 5, 5], [2], "the others wait for rank 2 on h2" },
        { [C, W, C], [5, 4, 5], [0, 2], "the others wait for rank 0 on h0, rank 2 on h2" },
        { [A, A, A], [5, 4, 5], [1], "rank 1 on h1 is behind, at iteration 4" },
        { [C, C, C], [5, 4, 4], [1, 2], "are behind, at iteration 4" },
        { [W, W, W], [5, 4, 5], [1], "is behind" },
        { [A, A, A], [5, 5, 5], [0, 1, 2], "nobody can tell which one hangs" },
        { [C, C, C], [5, 5, 5], [0, 1, 2], "nobody can tell which one hangs" },
        { [A, W, W], [5, 5, 5], [0, 1, 2], "nobody can tell which one hangs" },
        { [C], [5], [0], "nobody can tell which one hangs" },
    };

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Evaluate_TheBestWitnessDecides(ProbeAnswer[] answers, int[] iterations, int[] culprits, string reason)
    {
        var ranks = answers.Select((answer, index) =>
            new StuckObservation(new Rank(index), new HostName($"h{index}"), new Iteration(iterations[index]), answer)).ToList();

        var verdict = StuckClassifier.Evaluate(ranks);

        Assert.Equal(culprits, verdict.Culprits.Select(culprit => culprit.Rank.Value));
        Assert.Contains(reason, verdict.Reason);
    }

    [Fact]
    public void Evaluate_EveryCombinationOfAnswers_NamesSomebody_AndNobodyThatWaitsBesideOneThatDoesNotAnswer()
    {
        foreach (var first in Enum.GetValues<ProbeAnswer>())
            foreach (var second in Enum.GetValues<ProbeAnswer>())
                foreach (var third in Enum.GetValues<ProbeAnswer>())
                {
                    ProbeAnswer[] answers = [first, second, third];
                    var (culprits, reason) = StuckClassifier.Evaluate(
                        [.. answers.Select((answer, index) => new StuckObservation(new Rank(index), new HostName("h"), new Iteration(1), answer))]);
                    Assert.NotEmpty(culprits);
                    Assert.NotEmpty(reason);
                    if (answers.Any(answer => answer < ProbeAnswer.Alive)) Assert.All(culprits, culprit => Assert.True(culprit.Answer < ProbeAnswer.Alive));
                }
    }
}
