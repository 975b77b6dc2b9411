using System.Reflection;
using TorchSharp;
using TorchSharp.Modules;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// What an optimizer needs to continue: a state for each parameter (moments and counters), and the options of its parameter groups.
/// </summary>
/// <remarks>
/// TorchSharp's <c>state_dict</c> returns the state objects. Their content differs from optimizer to optimizer, so it is read from their fields.
/// TorchSharp's own serialiser would copy all moments on the training thread at every save.
/// </remarks>
internal sealed class OptimizerContent
{
    private readonly OptimizerHelper _optimizer;
    private readonly List<OptimizerState> _states;
    private readonly List<OptimizerOptions> _options;
    private readonly List<OptimizerOptions> _optionsOfStates = [];
    private readonly List<(FieldInfo Field, OptimizerState State)> _neverMade = [];

    public OptimizerContent(OptimizerHelper optimizer, string prefix)
    {
        (_optimizer, Prefix) = (optimizer, prefix);
        var dictionary = optimizer.state_dict();
        (_states, _options) = (dictionary.State, dictionary.Options);
        Parameters = [.. optimizer.parameters()];
        for (var group = 0; group < _options.Count; group++)
            _optionsOfStates.AddRange(Enumerable.Repeat(_options[group], dictionary.StateIndexRef[group].Count));
    }

    /// <summary>Put before every name.</summary>
    public string Prefix { get; }

    /// <summary>The parameters that it optimizes, one for each of its states.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The moments, and for moments that the first step makes, whether they exist.</summary>
    /// <param name="nameOf">A parameter's name.</param>
    /// <exception cref="NotSupportedException">A state has a field that a snapshot cannot carry.</exception>
    public IEnumerable<StateTensor> Moments(Func<Parameter, string> nameOf)
    {
        foreach (var field in Fields(_states).Where(IsTensor))
        {
            var madeLater = new List<Moment>();
            for (var index = 0; index < _states.Count; index++)
            {
                if (!field.DeclaringType!.IsInstanceOfType(_states[index])) continue;
                var moment = new Moment(field, _states[index], Parameters[index]);
                var name = $"{Prefix}{field.Name}.{nameOf(Parameters[index])}";
                if (moment.Value is null && !IsMadeInAStep(_states[index], _optionsOfStates[index]))
                {
                    _neverMade.Add((field, _states[index]));
                    continue;
                }

                var isMadeLater = IsMadeInAStep(_states[index], _optionsOfStates[index]);
                if (isMadeLater) madeLater.Add(moment);
                yield return moment.ToStateTensor(name, isMadeLater);
            }

            if (madeLater.Count > 0) yield return Presence($"{Prefix}has_{field.Name}", madeLater);
        }
    }

    /// <summary>Counters of all states, and the options of all groups, such as learning rate and momentum.</summary>
    public IEnumerable<StagedTensor> Scalars()
    {
        foreach (var field in Fields(_states).Where(field => ScalarFields.TypeOf(field) is not null))
            yield return ScalarFields.Many(Prefix + ScalarFields.NameOf(field), field, Owners(_states, field));
        foreach (var field in Fields(_options).Where(field => ScalarFields.TypeOf(field) is not null))
        {
            var name = $"{Prefix}groups.{ScalarFields.NameOf(field)}";
            yield return ScalarFields.Many(name, field, Owners(_options, field));
        }
    }

    /// <exception cref="InvalidOperationException">The optimizer has content that a save would not store.</exception>
    public void Check()
    {
        if (_optimizer.parameters().Count() != _states.Count)
            throw new InvalidOperationException(
                "The optimizer has other parameters than when it was tracked. Add parameter groups before Track.");
        foreach (var (field, state) in _neverMade)
            if (field.GetValue(state) is not null)
                throw new InvalidOperationException(
                    $"The optimizer has made {field.Name}, which was not there when it was tracked. Set its options before " +
                    "Track, or track it after its first step.");
    }

    /// <summary>
    /// TorchSharp makes all moments together with the optimizer. The exception is SGD's momentum buffer, which starts as the first gradient.
    /// </summary>
    private static bool IsMadeInAStep(OptimizerState state, OptimizerOptions options) =>
        state is SGD.State && options is SGD.Options { momentum: not (null or 0) };

    private static bool IsTensor(FieldInfo field) =>
        typeof(torch.Tensor).IsAssignableFrom(field.FieldType) && field.FieldType != typeof(Parameter);

    /// <summary>All fields of the objects' types, each once.</summary>
    private static IEnumerable<FieldInfo> Fields(IEnumerable<object> owners) =>
        owners.Select(owner => owner.GetType())
            .Distinct()
            .SelectMany(ScalarFields.Of)
            .DistinctBy(field => (field.DeclaringType, field.Name))
            .Select(Known);

    private static FieldInfo Known(FieldInfo field) =>
        IsTensor(field) || field.FieldType == typeof(Parameter) || ScalarFields.TypeOf(field) is not null
            ? field
            : throw new NotSupportedException(
                $"{field.DeclaringType} keeps a {field.FieldType.Name} in {field.Name}, which a snapshot cannot carry. " +
                "Use another optimizer, or track the module alone and add the optimizer's content with AddBuffer.");

    private static List<object> Owners(IEnumerable<object> all, FieldInfo field) =>
        [.. all.Where(field.DeclaringType!.IsInstanceOfType)];

    private static StagedTensor Presence(string name, List<Moment> moments) => new(
        name,
        SafetensorsType.BOOL,
        [moments.Count],
        bytes =>
        {
            for (var index = 0; index < moments.Count; index++)
                bytes[index] = moments[index].Value is null ? (byte)0 : (byte)1;
        },
        bytes =>
        {
            for (var index = 0; index < moments.Count; index++)
                if (bytes[index] == 0)
                    moments[index].Unmake();
        });

    /// <summary>One tensor of one parameter's state.</summary>
    private sealed record Moment(FieldInfo Field, OptimizerState State, Parameter Parameter)
    {
        public torch.Tensor? Value => (torch.Tensor?)Field.GetValue(State);

        /// <summary>The capture thread cannot read an accelerator's memory, so a tensor there is copied when Save is called.</summary>
        public StateTensor ToStateTensor(string name, bool isMadeLater) =>
            (Value ?? Parameter).device_type == DeviceType.CPU
            ? TorchTensor.OfOptimizer(name, Parameter, () => Value, isMadeLater ? Make : null)
            : StagedTorch.Of(name, Value ?? Parameter, () => Value, isMadeLater ? Make : null);

        public void Unmake()
        {
            Value?.Dispose();
            Field.SetValue(State, null);
        }

        private void Make()
        {
            using (torch.no_grad()) Field.SetValue(State, torch.zeros_like(Parameter).DetachFromDisposeScope());
        }
    }
}
