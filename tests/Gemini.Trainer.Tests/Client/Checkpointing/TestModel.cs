using Gemini.Trainer.Client.Checkpointing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>A small module with running statistics and dropout, its optimizer, and its scheduler: a user's training, tracked.</summary>
internal sealed class TestModel : IDisposable
{
    private readonly nn.Module<Tensor, Tensor> _module;
    private readonly optim.lr_scheduler.LRScheduler? _scheduler;

    public TestModel(
        long seed, Func<IEnumerable<Parameter>, optim.Optimizer> optimizer, Func<optim.Optimizer, optim.lr_scheduler.LRScheduler>? scheduler = null)
    {
        random.manual_seed(seed);
        _module = nn.Sequential(
            ("in", nn.Linear(4, 8)), ("norm", nn.BatchNorm1d(8)), ("act", nn.ReLU()), ("drop", nn.Dropout(0.3)), ("out", nn.Linear(8, 2)));
        Optimizer = optimizer(_module.parameters());
        _scheduler = scheduler?.Invoke(Optimizer);
        State = new TrainingState().Track(_module, Optimizer, _scheduler);
        Image = new ShardImage(State, 0, 1);
    }

    public nn.Module Module => _module;

    public optim.Optimizer Optimizer { get; }

    public TrainingState State { get; }

    public ShardImage Image { get; }

    public void Train(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            Optimizer.zero_grad();
            using var input = randn(6, 4);
            using var loss = nn.functional.mse_loss(_module.forward(input), input.narrow(1, 0, 2));
            loss.backward();
            Optimizer.step();
            if (_scheduler is optim.lr_scheduler.impl.ReduceLROnPlateau) _scheduler.step(loss.item<float>());
            else _scheduler?.step();
        }
    }

    /// <summary>The bytes of a snapshot of this model.</summary>
    public byte[] Save(long iteration) => Image.Save(iteration);

    public void Restore(byte[] payload) => Image.Restore(payload);

    public void Dispose()
    {
        Image.Dispose();
        Optimizer.Dispose();
        _module.Dispose();
    }
}
