using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Trainers;
using static Gemini.Silo.Trainers.TrainerEvent;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>Leads a <see cref="TrainerLife"/> from event to event, with its own clock.</summary>
internal sealed class LifeOf
{
    public const int ProcessId = 7;

    public static readonly TrainerOptions Options = new() { Command = "x", LogDirectory = "x", Gateway = "x", ClusterId = "x", ServiceId = "x" };

    public LifeOf(TrainerOptions? options = null)
    {
        var report = new TrainerReport { LocalIndex = 0, State = TrainerState.Exited };
        Now = new TrainerLife(options ?? Options, new TrainerDialogue(options ?? Options, "program", report));
    }

    public TrainerLife Now { get; private set; }

    public TimeSpan Time { get; private set; } = TimeSpan.FromHours(1);

    public ImmutableArray<TrainerAction> LastActions { get; private set; } = [];

    /// <summary>A trainer in the second epoch, unless another is given.</summary>
    public static Hello SaysHello(int processId = ProcessId, long epoch = 2) => new(FakeTrainer.Hello(processId, epoch), []);

    public LifeOf On(params IEnumerable<TrainerEvent> events)
    {
        foreach (var happened in events) (Now, LastActions) = Now.On(happened, new TrainerTime(Time, (long)Time.TotalMilliseconds));
        return this;
    }

    public LifeOf Pass(TimeSpan time)
    {
        Time += time;
        return this;
    }

    /// <summary>Lets time pass until the loop's deadline, and lets the loop look.</summary>
    public LifeOf PassToDeadline(Looked look) => Pass(Now.Deadline!.Value - Time + TimeSpan.FromTicks(1)).On(look);

    /// <summary>A process of this silo that has not said hello.</summary>
    public LifeOf Starts() => On(new Looked(IsLockHeld: false), new Launched(ProcessId));

    /// <summary>A process of this silo that trains in the second epoch.</summary>
    public LifeOf Trains(long epoch = 2) => Starts().On(SaysHello(epoch: epoch));

    /// <summary>The name of an action. If the action is a message to the trainer, the name of the message.</summary>
    public static string Name(TrainerAction action) => action is TrainerAction.Tell tell ? $"Tell{tell.Message.GetType().Name["Silo".Length..]}" : action.GetType().Name;
}
