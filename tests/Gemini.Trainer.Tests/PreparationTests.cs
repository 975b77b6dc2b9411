using Gemini.Interfaces.Presets;
using Gemini.Trainer.Client.Checkpointing;
using Gemini.Trainer.Data;
using Gemini.Trainer.Sharding;
using Gemini.Trainer.Tests.Client.Checkpointing;
using TorchSharp;

namespace Gemini.Trainer.Tests;

/// <summary>A trainer's start before it has a rank: it must not change any later result.</summary>
[Collection(TorchCollection.Name)]
public sealed class PreparationTests
{
    private static readonly TrainingOptions Training = new() { Model = ModelPresets.Get("gpt2-nano"), Batch = 2 };

    [Theory]
    [InlineData("gpt2-nano")]
    [InlineData("bert-nano")]
    [InlineData("roberta-nano")]
    public async Task Prepared_TheFirstStateIsTheSameAsWithout(string model)
    {
        var training = Training with { Model = ModelPresets.Get(model) };
        var corpus = new ByteCorpus([.. Enumerable.Range(0, 4096).Select(index => (byte)(index * 7))]);
        var before = HashOfNewState(training, corpus);
        var (device, _) = await Preparation.StartAsync(new TrainerSettings(training, null, 10, Threads: 1), Options(spare: 1));
        Assert.Equal(DeviceType.CPU, device.type);
        Assert.Equal(before, HashOfNewState(training, corpus));
    }

    [Fact]
    public async Task NoText_SaysSo()
    {
        var settings = new TrainerSettings(Training, "/no/such/text", 10, Threads: 1);
        var error = await Assert.ThrowsAsync<IOException>(() => Preparation.StartAsync(settings, Options(spare: 0)));
        Assert.Contains("/no/such/text", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The trial has two ranks. If one cannot begin, the other does not wait for it.</summary>
    [Fact]
    public async Task TextTooShort_SaysSo()
    {
        var text = Path.Combine(Directory.CreateTempSubdirectory("gemini-text-").FullName, "short.txt");
        await File.WriteAllTextAsync(text, "short", TestContext.Current.CancellationToken);
        var preparing = Preparation.StartAsync(new TrainerSettings(Training, text, 10, Threads: 1), Options(spare: 0));
        var error = await Assert.ThrowsAsync<ArgumentException>(() => preparing.WaitAsync(Wait.Limit, TestContext.Current.CancellationToken));
        Assert.Contains("A text of 5 bytes is shorter than a sequence of 32 tokens.", error.Message, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(text)!, recursive: true);
    }

    [Fact]
    public void WarmAfter_ThePreparation_IsWhatTheSessionWaitsFor()
    {
        var preparing = new TaskCompletionSource();
        var options = Options(spare: 3);
        Assert.True(options.Launch.Warm.IsCompleted);
        var warm = options.WarmAfter(preparing.Task);
        Assert.Same(preparing.Task, warm.Launch.Warm);
        Assert.Equal(3, warm.Launch.Spare);
    }

    [Theory]
    [InlineData("gpt2-tiny", 256, 1)]
    [InlineData("gpt2-small", 768, 1)]
    [InlineData("gpt2-100b", 48, 2)]
    [InlineData("bert-tiny", 256, 1)]
    [InlineData("bert-100b", 48, 2)]
    [InlineData("roberta-base", 768, 1)]
    [InlineData("roberta-100b", 48, 2)]
    public void TrialShape_IsAsWideAsTheModel_UnlessThatIsLarge(string model, int hidden, int layers)
    {
        var shape = ModelPresets.Get(model);
        var trial = Preparation.TrialShape(shape);
        Assert.Equal((shape.Architecture, hidden, layers), (trial.Architecture, trial.Hidden, trial.Layers));
        Assert.InRange(trial.Vocabulary, trial.VocabularyMin, shape.Vocabulary);
    }

    private static GeminiOptions Options(int spare) => SessionFixture.LeastOptions(socketPath: "", lockPath: "") with { Launch = new() { Spare = spare } };

    private static string HashOfNewState(TrainingOptions training, ByteCorpus corpus)
    {
        using var step = new TrainingStep(training, corpus, worldSize: 2, rank: 1, torch.CPU);
        step.Reset();
        using var image = new ShardImage(step.State.Describe(), 1, 2);
        image.Stage(0);
        return image.ComputeHash().ToString();
    }
}
