using Gemini.Trainer.Client.Checkpointing;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.optim.lr_scheduler;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>The numbers of a scheduler, of TorchSharp's and of a user's own.</summary>
[Collection(TorchCollection.Name)]
public sealed class SchedulerContentTests : IDisposable
{
    private readonly TorchSharp.Modules.Linear _module = nn.Linear(1, 1);
    private readonly optim.Optimizer _optimizer;

    public SchedulerContentTests() => _optimizer = optim.SGD(_module.parameters(), 0.1);

    public void Dispose()
    {
        _optimizer.Dispose();
        _module.Dispose();
    }

    [Fact]
    public void Of_TorchsScheduler_HasItsCountersAndRates()
    {
        var names = Names(StepLR(_optimizer, 3, 0.5));
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All((string[])["s.last_epoch I32 []", "s.step_count I32 []", "s.last_lrs F64 [1]", "s.base_lrs F64 [1]"], name => Assert.Contains(name, names));
        Assert.DoesNotContain(names, name => name.Contains('_', StringComparison.Ordinal) && name.StartsWith("s._", StringComparison.Ordinal));
    }

    /// <summary>The schedulers in it are numbered, and each has its own numbers.</summary>
    [Fact]
    public void Of_ChainedSchedulers_HasTheNumbersOfEach()
    {
        var names = Names(ChainedLR([ConstantLR(_optimizer, 0.5, 2), ExponentialLR(_optimizer, 0.9)]));
        var counters = names.Where(name => name.EndsWith(".last_epoch I32 []", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        Assert.Contains(counters, name => name.Contains(".0.", StringComparison.Ordinal));
        Assert.Contains(counters, name => name.Contains(".1.", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_OwnScheduler_HasItsNumbersAndNotWhatStepsDoNotChange()
    {
        var scheduler = new Own(_optimizer);
        var tensors = SchedulerContent.Of(scheduler, "s.").ToList();
        var names = tensors.Select(tensor => tensor.Name).ToList();
        Assert.All((string[])["s.best", "s.history", "s.IsWarm"], name => Assert.Contains(name, names));
        Assert.DoesNotContain("s.mode", names);
        Assert.DoesNotContain("s.shape", names);
        Assert.DoesNotContain("s.milestones", names);
        Assert.DoesNotContain("s.nothing", names);

        var saved = tensors.Select(tensor =>
        {
            var bytes = new byte[tensor.ByteLength];
            tensor.Write(bytes);
            return (tensor, bytes);
        }).ToList();
        scheduler.Change();
        foreach (var (tensor, bytes) in saved) tensor.Read(bytes);
        Assert.Equal("1.5 [1,2] False", scheduler.ToString());
    }

    [Fact]
    public void Of_SchedulerWithAnotherField_IsRefusedWithTheFix()
    {
        var error = Assert.Throws<NotSupportedException>(() => SchedulerContent.Of(new Keyed(_optimizer), "s.").Count());
        Assert.Equal(
            "Scheduler Keyed keeps a Dictionary`2 in _rates, which a snapshot cannot carry. Track the module and the optimizer alone, and add what the "
            + "scheduler needs with AddBuffer or AddValue.",
            error.Message);
    }

    [Fact]
    public void Track_OwnScheduler_IsPartOfTheState()
    {
        using var image = new ShardImage(new TrainingState().Track(_module, _optimizer, new Own(_optimizer)), 0, 1);
        image.Stage(1);
        Assert.Throws<NotSupportedException>(() => new TrainingState().Track(_module, _optimizer, new Keyed(_optimizer)));
    }

    private static List<string> Names(LRScheduler scheduler) =>
        [.. SchedulerContent.Of(scheduler, "s.").Select(tensor => $"{tensor.Name} {tensor.Type} [{string.Join(',', tensor.Shape)}]")];

    private sealed class Own(optim.Optimizer optimizer, object? nothing = null) : LRScheduler(optimizer)
    {
        private readonly string mode = "min";
        private readonly Func<int, double> shape = epoch => epoch;
        private readonly IList<int> milestones = [1, 2];
        private readonly object? _nothing = nothing;
        private readonly List<double> _history = [1, 2];
        private double _best = 1.5;

        public bool IsWarm { get; set; }

        public void Change()
        {
            (_best, IsWarm) = (shape(9), true);
            (_history[0], _history[1]) = (8, 9);
        }

        public override string ToString() =>
            $"{_best:0.0} [{string.Join(',', _history)}] {IsWarm}{(mode == "min" && milestones.Count == 2 && _nothing is null ? "" : "?")}";
    }

    private sealed class Keyed(optim.Optimizer optimizer) : LRScheduler(optimizer)
    {
        private readonly Dictionary<string, double> _rates = new() { ["a"] = 1 };

        public override string ToString() => $"{_rates.Count}";
    }
}
