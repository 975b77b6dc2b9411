using System.Text;
using Gemini.Trainer.Client.Checkpointing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>A module with its optimizer and scheduler continues from a snapshot as if nothing had happened, bit for bit.</summary>
[Collection(TorchCollection.Name)]
public sealed class TrackTests
{
    private const double Rate = 0.01;

    private static readonly Dictionary<string, Func<IEnumerable<Parameter>, optim.Optimizer>> Optimizers = new()
    {
        ["Adadelta"] = parameters => optim.Adadelta(parameters),
        ["Adagrad"] = parameters => optim.Adagrad(parameters),
        ["Adam"] = parameters => optim.Adam(parameters, Rate),
        ["Adam amsgrad"] = parameters => optim.Adam(parameters, Rate, amsgrad: true),
        ["AdamW"] = parameters => optim.AdamW(parameters, Rate),
        ["AdamW amsgrad"] = parameters => optim.AdamW(parameters, Rate, amsgrad: true),
        ["Adamax"] = parameters => optim.Adamax(parameters, Rate),
        ["ASGD"] = parameters => optim.ASGD(parameters, Rate),
        ["NAdam"] = parameters => optim.NAdam(parameters, Rate),
        ["RAdam"] = parameters => optim.RAdam(parameters, Rate),
        ["RMSprop"] = parameters => optim.RMSProp(parameters, Rate),
        ["RMSprop centered momentum"] = parameters => optim.RMSProp(parameters, Rate, momentum: 0.9, centered: true),
        ["Rprop"] = parameters => optim.Rprop(parameters, Rate),
        ["SGD"] = parameters => optim.SGD(parameters, Rate),
        ["SGD momentum"] = parameters => optim.SGD(parameters, Rate, momentum: 0.9),
        ["SGD dampening"] = parameters => optim.SGD(parameters, Rate, momentum: 0.9, dampening: 0.5),
    };

    private static readonly Dictionary<string, Func<optim.Optimizer, optim.lr_scheduler.LRScheduler>> Schedulers = new()
    {
        ["Chained"] = optimizer => optim.lr_scheduler.ChainedLR(
            [optim.lr_scheduler.ConstantLR(optimizer, 0.5, 2), optim.lr_scheduler.ExponentialLR(optimizer, 0.9)]),
        ["Constant"] = optimizer => optim.lr_scheduler.ConstantLR(optimizer, 0.5, 4),
        ["CosineAnnealing"] = optimizer => optim.lr_scheduler.CosineAnnealingLR(optimizer, 6),
        ["Cyclic"] = optimizer => optim.lr_scheduler.CyclicLR(optimizer, 0.001, 0.1, 3, cycle_momentum: false),
        ["Exponential"] = optimizer => optim.lr_scheduler.ExponentialLR(optimizer, 0.9),
        ["Lambda"] = optimizer => optim.lr_scheduler.LambdaLR(optimizer, epoch => Math.Pow(0.9, epoch)),
        ["Linear"] = optimizer => optim.lr_scheduler.LinearLR(optimizer, total_iters: 6),
        ["Multiplicative"] = optimizer => optim.lr_scheduler.MultiplicativeLR(optimizer, epoch => 0.9 + (0.001 * epoch)),
        ["MultiStep"] = optimizer => optim.lr_scheduler.MultiStepLR(optimizer, [2, 5], 0.5),
        ["OneCycle"] = optimizer => optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps: 20),
        ["Polynomial"] = optimizer => optim.lr_scheduler.PolynomialLR(optimizer, 10, 2),
        ["ReduceOnPlateau"] = optimizer => optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience: 0),
        ["Sequential"] = optimizer => optim.lr_scheduler.SequentialLR(
            optimizer, [optim.lr_scheduler.ConstantLR(optimizer, 0.5, 2), optim.lr_scheduler.ExponentialLR(optimizer, 0.9)], [3]),
        ["Step"] = optimizer => optim.lr_scheduler.StepLR(optimizer, 3, 0.5),
    };

    public static TheoryData<string> OptimizerNames => [.. Optimizers.Keys];

    public static TheoryData<string> SchedulerNames => [.. Schedulers.Keys];

    [Theory]
    [MemberData(nameof(OptimizerNames))]
    public void Track_AnyOptimizer_ResumesBitForBit(string optimizer) => AssertResumes(seed => new TestModel(seed, Optimizers[optimizer]));

    [Theory]
    [MemberData(nameof(SchedulerNames))]
    public void Track_AnyScheduler_ResumesBitForBit(string scheduler) =>
        AssertResumes(seed => new TestModel(seed, Optimizers["SGD momentum"], Schedulers[scheduler]));

    [Theory]
    [MemberData(nameof(OptimizerNames))]
    public void Track_AnyOptimizer_BeginsAgainBitForBit(string optimizer)
    {
        using var model = new TestModel(1, Optimizers[optimizer], Schedulers["Step"]);
        using var initial = new InitialState(model.Image);
        model.Train(5);
        var first = model.Save(5);
        initial.Restore();
        model.Train(5);
        Assert.Equal(first, model.Save(5));
    }

    [Fact]
    public void Track_TensorsHaveTheModulesNamesTypesAndShapes()
    {
        using var model = new TestModel(1, Optimizers["SGD momentum"], Schedulers["Step"]);
        var header = Header(model.Save(1));
        Assert.Contains("\"norm.running_mean\":{\"dtype\":\"F32\",\"shape\":[8]", header);
        Assert.Contains("\"norm.num_batches_tracked\":{\"dtype\":\"I64\",\"shape\":[]", header);
        Assert.Contains("\"in.weight\":{\"dtype\":\"F32\",\"shape\":[8,4]", header);
        Assert.Contains("\"optimizer.momentum_buffer.in.weight\":{\"dtype\":\"F32\",\"shape\":[8,4]", header);
        Assert.Contains("\"optimizer.groups.LearningRate\":{\"dtype\":\"F64\",\"shape\":[1]", header);
    }

    [Fact]
    public void Track_ParameterWithoutAGradient_ItsMomentumIsNotMadeByARestore()
    {
        using var model = new TestModel(1, Optimizers["SGD momentum"]);
        model.Module.get_parameter("in.bias")!.requires_grad = false;
        model.Train(2);
        model.Restore(model.Save(2));
        var states = ((SGD)model.Optimizer).state_dict().State.Cast<SGD.State>().ToList();
        Assert.Equal(1, states.Count(state => state.momentum_buffer is null));
    }

    [Fact]
    public void Track_TiedWeights_AreStoredOnce()
    {
        using var embedding = nn.Embedding(4, 4);
        using var head = nn.Linear(4, 4, hasBias: false);
        head.weight = embedding.weight!;
        using var tied = nn.Sequential(("embedding", embedding), ("head", head));
        var state = new TrainingState().Track(tied);
        Assert.Equal(["embedding.weight", "torch.rng_state"], state.Tensors.Select(tensor => tensor.Name));
    }

    [Fact]
    public void Track_ModuleIsConvertedAfterwards_TheNextSaveNamesTheTensor()
    {
        using var model = new TestModel(1, Optimizers["SGD"]);
        model.Module.to(ScalarType.Float64);
        Assert.Contains("in.weight", Assert.Throws<InvalidOperationException>(() => model.Save(1)).Message);
    }

    [Fact]
    public void Track_MomentumIsSwitchedOnAfterwards_TheNextSaveSaysSo()
    {
        using var model = new TestModel(1, Optimizers["SGD"]);
        foreach (var group in model.Optimizer.ParamGroups) ((optim.IMomentum)group).Momentum = 0.9;
        model.Train(1);
        Assert.Contains("momentum_buffer", Assert.Throws<InvalidOperationException>(() => model.Save(1)).Message);
    }

    [Fact]
    public void Track_OptimizerInNativeCode_IsRefusedWithTheFix()
    {
        using var module = nn.Linear(2, 2);
        using var optimizer = optim.LBFGS(module.parameters());
        var error = Assert.Throws<NotSupportedException>(() => new TrainingState().Track(module, optimizer));
        Assert.Contains("LBFGS", error.Message);
        Assert.Contains("Use another optimizer", error.Message);
    }

    [Fact]
    public void Track_ParameterOfTheOptimizerAlone_IsPartOfTheState()
    {
        using var module = nn.Linear(2, 2);
        using var extra = new Parameter(zeros(3));
        using var optimizer = optim.Adam(module.parameters().Append(extra));
        var names = new TrainingState().Track(module, optimizer).Tensors.Select(tensor => tensor.Name).ToList();
        Assert.Contains("optimizer.parameter2", names);
        Assert.Contains("optimizer.exp_avg.parameter2", names);
    }

    /// <summary>
    /// Compares ten steps in one go with five steps, a restore in another process (another seed, half a step ahead), and five more steps.
    /// </summary>
    private static void AssertResumes(Func<long, TestModel> make)
    {
        using var whole = make(1);
        whole.Train(5);
        var middle = whole.Save(5);
        whole.Train(5);
        var expected = whole.Save(10);

        using var other = make(2);
        other.Train(1);
        other.Restore(middle);
        Assert.Equal(middle, other.Save(5));
        other.Train(5);
        Assert.Equal(expected, other.Save(10));

        using var fresh = make(3);
        fresh.Restore(middle);
        fresh.Train(5);
        Assert.Equal(expected, fresh.Save(10));
    }

    private static string Header(byte[] payload) => Encoding.UTF8.GetString(payload, 8, (int)BitConverter.ToUInt64(payload));
}
