using Gemini.Trainer.Client.Checkpointing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>The content of an optimizer that is not from TorchSharp: its states and options are a user's own classes.</summary>
[Collection(TorchCollection.Name)]
public sealed class OptimizerContentTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Linear _module = nn.Linear(1, 1);
    private readonly Parameter[] _parameters;

    public OptimizerContentTests() => _parameters = [new Parameter(zeros(2)), new Parameter(ones(3, 1))];

    public void Dispose()
    {
        _module.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Content_EveryFieldOfStatesAndOptions_HasItsNameTypeAndShape()
    {
        var content = new OptimizerContent(new TestOptimizer(_parameters, parameter => new Moments(parameter)), "optimizer.");
        Assert.Equal(
            ["optimizer.exp_avg.0 F32 [2]", "optimizer.exp_avg.1 F32 [3,1]"], content.Moments(NameOf).Select(Text));
        Assert.Equal(
            [
                "optimizer.started BOOL [2]", "optimizer.step I64 [2]", "optimizer.groups.InitialLearningRate F64 [1]", "optimizer.groups.LearningRate F64 [1]",
            ],
            content.Scalars().Select(Text).OrderBy(text => text.Contains("groups", StringComparison.Ordinal)).ThenBy(text => text, StringComparer.Ordinal));
        content.Check();
    }

    [Fact]
    public void Content_Restored_IsAsItWasSaved()
    {
        var optimizer = new TestOptimizer(_parameters, parameter => new Moments(parameter));
        var image = Image(optimizer);
        var states = optimizer.States.Cast<Moments>().ToList();
        Set(states, optimizer, step: 5, value: 1.5f, isStarted: true, rate: 0.25);
        var payload = image.Save(1);
        Set(states, optimizer, step: 9, value: 2.5f, isStarted: false, rate: 0.5);

        image.Restore(payload);

        Assert.Equal([5L, 6L], states.Select(state => state.step));
        Assert.All(states, state => Assert.Equal((true, 1.5f), (state.started, state.exp_avg.data<float>()[0])));
        Assert.Equal(0.25, optimizer.Options.Single().LearningRate);
    }

    /// <summary>Two groups have their own rates, in their order.</summary>
    [Fact]
    public void Content_SeveralGroups_EachHasItsOptions()
    {
        using var first = new Parameter(zeros(1));
        using var second = new Parameter(zeros(1));
        using var optimizer = optim.SGD([new SGD.ParamGroup([first], lr: 0.1), new SGD.ParamGroup([second], lr: 0.2)], 0.5);
        var rates = new OptimizerContent(optimizer, "").Scalars().Single(scalar => scalar.Name == "groups.LearningRate");
        Assert.Equal([2], rates.Shape);
        var bytes = new byte[16];
        rates.Write(bytes);
        Assert.Equal((0.1, 0.2), (BitConverter.ToDouble(bytes), BitConverter.ToDouble(bytes, 8)));
        foreach (var group in optimizer.ParamGroups) group.LearningRate = 7;
        rates.Read(bytes);
        Assert.Equal([0.1, 0.2], optimizer.ParamGroups.Select(group => group.LearningRate));
    }

    /// <summary>Parameters with and without a counter: each field belongs to those states that have it.</summary>
    [Fact]
    public void Content_StatesOfSeveralTypes_EachFieldIsThatOfItsOwners()
    {
        var optimizer = new TestOptimizer(_parameters, parameter => parameter.numel() == 2 ? new Moments(parameter) : new Counted(parameter));
        var content = new OptimizerContent(optimizer, "");
        Assert.Equal(["exp_avg.0 F32 [2]"], content.Moments(NameOf).Select(Text));
        var scalars = content.Scalars().Select(Text).ToList();
        Assert.Contains("step I64 [1]", scalars);
        Assert.Contains("count I32 [1]", scalars);
    }

    [Fact]
    public void Content_StateWithAnotherField_IsRefusedWithTheFix()
    {
        var optimizer = new TestOptimizer(_parameters, parameter => new Named(parameter));
        var error = Assert.Throws<NotSupportedException>(() => new OptimizerContent(optimizer, "").Moments(NameOf).Count());
        Assert.Equal(
            $"{typeof(Named)} keeps a String in name, which a snapshot cannot carry. Use another optimizer, or track the module alone and add the "
            + "optimizer's content with AddBuffer.",
            error.Message);
        Assert.Throws<NotSupportedException>(() => new OptimizerContent(optimizer, "").Scalars().Count());
    }

    [Fact]
    public void Content_OptionsWithAnotherField_AreRefused()
    {
        var optimizer = new TestOptimizer(_parameters, parameter => new Moments(parameter), new Scheduled());
        var error = Assert.Throws<NotSupportedException>(() => new OptimizerContent(optimizer, "").Scalars().Count());
        Assert.StartsWith($"{typeof(Scheduled)} keeps a List`1 in milestones", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_GroupAddedAfterwards_SaysSo()
    {
        using var module = nn.Linear(1, 1);
        using var optimizer = optim.Adam(module.parameters());
        using var image = new ShardImage(new TrainingState().Track(module, optimizer), 0, 1);
        image.Stage(1);
        using var added = new Parameter(zeros(1));
        optimizer.add_param_group(new Adam.ParamGroup([added]));
        Assert.StartsWith(
            "The optimizer has other parameters than when it was tracked. Add parameter groups before Track.",
            Assert.Throws<InvalidOperationException>(() => image.Stage(2)).Message, StringComparison.Ordinal);
    }

    /// <summary>A moment that was not there would be missing in every snapshot, so it must not appear without a word.</summary>
    [Fact]
    public void Check_MomentAppearsAfterwards_NamesIt()
    {
        var optimizer = new TestOptimizer(_parameters, parameter => new Late(parameter));
        var content = new OptimizerContent(optimizer, "");
        Assert.Empty(content.Moments(NameOf));
        content.Check();
        ((Late)optimizer.States[1]).exp_avg = zeros(3, 1);
        Assert.StartsWith(
            "The optimizer has made exp_avg, which was not there when it was tracked.", Assert.Throws<InvalidOperationException>(content.Check).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Stage_RateIsNotSet_NamesIt()
    {
        var optimizer = new TestOptimizer(_parameters, parameter => new Moments(parameter), new OptimizerOptions());
        using var image = Image(optimizer);
        Assert.Equal(
            "optimizer.groups.LearningRate has no value.", Assert.Throws<InvalidOperationException>(() => image.Stage(1)).Message);
    }

    /// <summary>A step may make new tensors instead of changing the old ones.</summary>
    [Fact]
    public void Stage_MomentIsReplaced_SavesTheNewOne()
    {
        var optimizer = new TestOptimizer(_parameters, parameter => new Moments(parameter));
        using var image = Image(optimizer);
        var before = image.Save(1);
        var state = (Moments)optimizer.States[0];
        state.exp_avg = ones(2);
        var after = image.Save(1);
        Assert.NotEqual(before, after);
        state.exp_avg = zeros(2);
        Assert.Equal(before, image.Save(1));
        image.Restore(after);
        Assert.Equal([1f, 1f], state.exp_avg.data<float>().ToArray());
    }

    /// <summary>Momentum that the first step makes: a snapshot from before that step has none, and a restore removes it.</summary>
    [Fact]
    public void Restore_SnapshotFromBeforeTheFirstStep_RemovesTheMomentum()
    {
        using var model = new TestModel(1, parameters => optim.SGD(parameters, 0.01, momentum: 0.9));
        var before = model.Save(1);
        model.Train(1);
        var after = model.Save(2);
        var states = ((SGD)model.Optimizer).state_dict().State.Cast<SGD.State>().ToList();
        Assert.All(states, state => Assert.NotNull(state.momentum_buffer));
        model.Restore(before);
        Assert.All(states, state => Assert.Null(state.momentum_buffer));
        Assert.Equal(before, model.Save(1));
        model.Restore(after);
        Assert.Equal(after, model.Save(2));
    }

    [Fact]
    public void Track_SeveralModules_HaveTheirPrefixesAndOneGenerator()
    {
        using var first = nn.Linear(1, 1, hasBias: false);
        using var second = nn.Linear(1, 1, hasBias: false);
        using var optimizer = optim.SGD(second.parameters(), 0.1, momentum: 0.9);
        var state = new TrainingState().Track(first, prefix: "teacher.").Track(second, optimizer, prefix: "student.");
        var names = state.Tensors.Select(tensor => tensor.Name).ToList();
        Assert.Contains("student.weight", names);
        Assert.Contains("teacher.weight", names);
        Assert.Contains("student.optimizer.momentum_buffer.weight", names);
        Assert.Contains("student.optimizer.has_momentum_buffer", names);
        Assert.Single(names, name => name == "torch.rng_state");
        Assert.Throws<ArgumentException>(() => state.Track(first, prefix: "teacher."));
    }

    private static string NameOf(Parameter parameter) => parameter.numel() == 2 ? "0" : "1";

    private static string Text(StateTensor tensor) => $"{tensor.Name} {tensor.Type} [{string.Join(',', tensor.Shape)}]";

    private static void Set(List<Moments> states, TestOptimizer optimizer, long step, float value, bool isStarted, double rate)
    {
        foreach (var state in states)
        {
            using var scalar = value.ToScalar();
            state.exp_avg.fill_(scalar);
            (state.step, state.started) = (step++, isStarted);
        }

        optimizer.Options.Single().LearningRate = rate;
    }

    private ShardImage Image(TestOptimizer optimizer) => new(new TrainingState().Track(_module, optimizer), 0, 1);

    private sealed class TestOptimizer : OptimizerHelper
    {
        public TestOptimizer(Parameter[] parameters, Func<Parameter, OptimizerState> state, OptimizerOptions? options = null)
        {
            _parameter_groups =
            [
                new ParamGroup { Parameters = parameters, Options = options ?? new OptimizerOptions { LearningRate = 0.1, InitialLearningRate = 0.1 } },
            ];
            foreach (var parameter in parameters) _state[parameter.Handle] = state(parameter);
        }

        public List<OptimizerState> States => state_dict().State;

        public List<OptimizerOptions> Options => state_dict().Options;
    }

    private abstract class State(Parameter parameter) : OptimizerState(parameter)
    {
        public override void SaveStateDict(BinaryWriter writer) => throw new NotSupportedException();

        public override void LoadStateDict(BinaryReader reader) => throw new NotSupportedException();

        public override void LoadStateDict(OptimizerState source) => throw new NotSupportedException();

        public override void Initialize(OptimizerOptions options) => throw new NotSupportedException();
    }

    private sealed class Moments(Parameter parameter) : State(parameter)
    {
        public Tensor exp_avg = zeros_like(parameter).detach();
        public long step;
        public bool started;
    }

    private sealed class Counted(Parameter parameter) : State(parameter)
    {
        public int count = 3;
    }

    private sealed class Named(Parameter parameter) : State(parameter)
    {
        public string name = "x";
    }

    private sealed class Late(Parameter parameter) : State(parameter)
    {
        public Tensor? exp_avg;
    }

    private sealed class Scheduled : OptimizerOptions
    {
        public List<int> milestones = [];
    }
}
