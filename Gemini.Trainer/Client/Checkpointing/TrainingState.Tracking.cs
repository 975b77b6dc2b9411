using TorchSharp;
using TorchSharp.Modules;

namespace Gemini.Trainer.Client.Checkpointing;

/// <content>Everything that a module, its optimizer and its scheduler need to continue.</content>
public sealed partial class TrainingState
{
    private bool _hasRandomNumbers;

    /// <summary>
    /// Adds everything that training needs to continue: the module's parameters and buffers, the optimizer's moments, counters and parameter groups,
    /// the scheduler's numbers, and torch's default random number generator.
    /// </summary>
    /// <remarks>
    /// Parameters and moments in CPU memory are read in place while the next iteration computes: they change only in <c>optimizer.step()</c>.
    /// Everything else is copied when <see cref="GeminiSession.Save"/> is called, so call <c>scheduler.step()</c> before it. Not added: other content
    /// in fields of the module, other generators (<see cref="AddGenerator(string, torch.Generator)"/>), and the position in the data.
    /// </remarks>
    /// <param name="module">Has its final type and device: <c>to()</c> makes new parameters.</param>
    /// <param name="optimizer">A TorchSharp optimizer that keeps its state in managed code, or one derived from <see cref="OptimizerHelper"/>.</param>
    /// <param name="scheduler">The scheduler of this optimizer; null: none.</param>
    /// <param name="prefix">Put before every name, for a state that tracks several modules.</param>
    /// <exception cref="ArgumentException">A tensor is not contiguous, or a name is taken.</exception>
    /// <exception cref="NotSupportedException">
    /// The optimizer or the scheduler has content that a snapshot cannot store. The message names it and the fix.
    /// </exception>
    public TrainingState Track(
        torch.nn.Module module,
        torch.optim.Optimizer? optimizer = null,
        torch.optim.lr_scheduler.LRScheduler? scheduler = null,
        string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(prefix);
        AddModule(module, prefix);
        if (optimizer is not null) AddOptimizer(optimizer, module, prefix);
        if (scheduler is not null) AddScheduler(scheduler, prefix + "scheduler.");
        if (!_hasRandomNumbers)
            Add(StagedTorch.OfGenerator("torch.rng_state", torch.get_rng_state, torch.set_rng_state));
        _hasRandomNumbers = true;
        return this;
    }

    private void AddModule(torch.nn.Module module, string prefix)
    {
        var tensors = new Dictionary<string, torch.Tensor>();
        Look();
        _refreshes.Add(Look);
        foreach (var (name, parameter) in module.named_parameters())
            AddParameter(prefix + name, parameter, () => tensors.GetValueOrDefault(name));
        foreach (var (name, buffer) in module.named_buffers())
            if (buffer is not null)
                Add(StagedTorch.Of(prefix + name, buffer, () => tensors.GetValueOrDefault(name)));

        // A module that is moved or converted has other tensors afterwards. So each check uses the tensors that the module has now.
        void Look()
        {
            tensors.Clear();
            foreach (var (name, parameter) in module.named_parameters()) tensors[name] = parameter;
            foreach (var (name, buffer) in module.named_buffers()) tensors[name] = buffer;
        }
    }

    /// <summary>The capture thread cannot read an accelerator's memory, so a tensor there is copied when Save is called.</summary>
    private void AddParameter(string name, torch.Tensor parameter, Func<torch.Tensor?> get)
    {
        if (parameter.device_type == DeviceType.CPU) Add(TorchTensor.InPlace(name, get));
        else Add(StagedTorch.Of(name, parameter, get));
    }

    private void AddOptimizer(torch.optim.Optimizer optimizer, torch.nn.Module module, string prefix)
    {
        if (optimizer is not OptimizerHelper helper)
            throw new NotSupportedException(
                $"{optimizer.GetType().Name} keeps its state in native code, where it cannot be read. Use another optimizer, or " +
                "track only the module, and save with AddBuffer what you need to rebuild the optimizer.");
        var names = new Dictionary<nint, string>();
        foreach (var (name, parameter) in module.named_parameters()) names.TryAdd(parameter.Handle, name);
        var content = new OptimizerContent(helper, prefix + "optimizer.");
        for (var index = 0; index < content.Parameters.Count; index++)
        {
            var parameter = content.Parameters[index];
            if (names.TryGetValue(parameter.Handle, out var name)) continue;
            name = $"parameter{index}";
            names.Add(parameter.Handle, name);
            AddParameter($"{content.Prefix}{name}", parameter, () => parameter);
        }

        foreach (var moment in content.Moments(parameter => names[parameter.Handle])) Add(moment);
        foreach (var scalars in content.Scalars()) Add(scalars);
        _refreshes.Add(content.Check);
    }

    private void AddScheduler(torch.optim.lr_scheduler.LRScheduler scheduler, string prefix)
    {
        foreach (var number in SchedulerContent.Of(scheduler, prefix)) Add(number);
    }
}
