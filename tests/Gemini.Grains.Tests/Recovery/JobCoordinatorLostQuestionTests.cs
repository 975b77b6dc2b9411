using Gemini.Interfaces.Model;
using Gemini.Simulation.Fakes;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>The root agent decides to probe a trainer, and the probe is never sent: found by simulation seed 6447.</summary>
public sealed class JobCoordinatorLostQuestionTests
{
    [Fact]
    public void TrainerHangs_FirstQuestionsAreNeverPut_IsFoundByLaterOnes()
    {
        var cluster = new FakeCluster(hosts: 3, replicas: 2);
        cluster.Train(3);
        cluster["h2"].Trainers[0].IsHung = true;
        cluster.Root.LosesQuestions = true;
        cluster.RunFor(12_000);
        Assert.Equal(JobPhase.Running, cluster.Phase);
        Assert.Empty(cluster.Status.Recoveries);

        cluster.Root.LosesQuestions = false;
        cluster.Train(iterations: 3);

        Assert.Contains("the others wait for rank 1 on h2", Assert.Single(cluster.Status.Recoveries).Reason, StringComparison.Ordinal);
    }
}
