using Gemini.Grains.Hosts;
using Gemini.Interfaces.Grains;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster;

/// <summary>
/// A trainer's connection to the silo of its machine. When the silo dies, the trainer waits for the next one, and then tells it what it could tell
/// nobody meanwhile.
/// </summary>
internal sealed class SiloLine(World world, TrainerProcess trainer)
{
    private readonly List<Func<ITrainerService, Task>> _untold = [];
    private Action? _question;

    /// <summary>The silo at the other end; null while there is none.</summary>
    public Silo? Silo { get; private set; }

    /// <summary>Whether it was ever connected.</summary>
    public bool SaidHello { get; private set; }

    /// <summary>Returns when a silo is up and the trainer is connected to it.</summary>
    public async Task ConnectAsync()
    {
        while (trainer.Machine.Silo is not { IsUp: true })
            await trainer.Delay(world.Dice.Between(20, 100));
        if (Silo is not null) return;
        if (trainer.Machine.Silo.IsOdd != trainer.IsOdd && !world.Has(Defect.OddTrainerAdopted))
        {
            // It was started with other arguments than this silo would use.
            trainer.Die(silently: false, TrainerEnd.Dismissed);
            return;
        }

        Silo = trainer.Machine.Silo;
        SaidHello = true;
        if (Silo.Trainers.EpochFloor > trainer.Epoch) trainer.Stop(Silo.Trainers.EpochFloor);
        Silo.Trainers.Attach(trainer);
        foreach (var call in _untold) Call(Silo, call);
        _untold.Clear();
    }

    /// <summary>The silo is dead. A question that it has not answered gets no answer.</summary>
    public void Break()
    {
        Silo = null;
        _question?.Invoke();
        if (trainer.Alive) trainer.Launch(ConnectAsync);
    }

    /// <summary>Makes a call of the silo's worker agent, or of the next silo's if there is none now.</summary>
    public void Tell(Func<ITrainerService, Task> call)
    {
        if (Silo is { Alive: true } silo) Call(silo, call);
        else _untold.Add(call);
    }

    /// <summary>The answer of the silo's worker agent; null if it has none, or if the connection ends.</summary>
    public async Task<T?> AskAsync<T>(Silo silo, Func<ITrainerService, Task<T?>> question)
        where T : class
    {
        var answer = new TaskCompletionSource<T?>();
        void Answer(T? value)
        {
            if (trainer.Alive) answer.TrySetResult(value);
        }

        _question = () => Answer(null);
        silo.Launch(async () => Answer(await question(silo.Agent)));
        return await answer.Task;
    }

    private static void Call(Silo silo, Func<ITrainerService, Task> call) => silo.Launch(() => call(silo.Agent));
}
