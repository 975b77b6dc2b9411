using System.Text.RegularExpressions;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Trainers;
using static Gemini.Silo.Trainers.TrainerEvent;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>Every event in every state of a trainer's life: the next phase and the actions. The drawing in the page has the same arrows.</summary>
public sealed partial class TrainerLifeTableTests
{
    /// <summary>
    /// Rows: states, each with its phase. Columns: events. A cell: the next phase, if it changes, and the actions. Phases: Be(ginning), La(unching),
    /// Li(ving), Le(aving), Dr(aining), Ju(dging), Pa(using), Re(sting), Ov(er). Actions: l(aunch), x: abandon the launch, a(dopt), k(ill), m: report
    /// that it cannot be killed and kill once more, w(atch), u(nwatch), s(ay that the start hangs), o: no obstacle any more, j(udge the launch),
    /// c(onclude), h(ang up), t(ell), f(ill spares), e(nd the spares), n(ote that it is healthy). A dot: nothing.
    /// </summary>
    private const string Table = """
                      free   held   ended  late   up     failed pause  again  broke  signal hello  left   cut    kill   halt   detach stop   runs   rest   rank   step   other
        new Be        Lal    Liaw   Liaw   Liaw   .      .      .      .      .      .      w      .      .      .      Ovu    Ovu    .      .      e      .      nf     .
        early Be      Lal    Liaw   Liaw   Liaw   .      .      .      .      .      .      w      .      .      k      Ovtu   Ovu    t      t      et     t      nf     .
        launching La  .      .      .      s      Liow   Juj    .      .      Bex    .      w      .      .      .      Ovxu   Ovxu   .      .      e      .      nf     .
        starting Li   Le     .      Le     Lek    .      .      .      .      .      Le     w      .      .      Lek    Lek    Ovu    .      .      e      .      nf     .
        trains Li     Le     .      Le     .      .      .      .      .      .      Le     w      Le     .      Lek    t      Ovu    t      t      et     t      nf     .
        finished Li   Le     .      Le     .      .      .      .      .      .      Le     w      Le     .      Lek    t      Ovu    t      t      e      t      nf     .
        stopping Li   Le     .      Le     .      .      .      .      .      .      Le     wt     Le     .      Lek    t      Ovu    t      t      et     t      nf     .
        awaited Li    Le     .      Le     Lek    .      .      .      .      .      Le     w      .      .      Lek    Lek    Ovu    .      .      e      .      nf     .
        adopted Li    Le     .      Le     .      .      .      .      .      .      Le     w      Le     .      Lek    t      Ovu    t      t      et     t      nf     .
        has left Le   Juuoc  .      .      k      .      .      .      .      .      .      Liw    .      .      k      .      Ovu    .      .      e      .      nf     .
        goes Le       Reuoc  .      .      k      .      .      .      .      .      .      Liwt   .      .      k      .      Ovu    .      .      e      .      nf     .
        dying Le      Dr     .      .      k      .      .      .      .      .      .      Liw    .      .      k      t      Ovu    t      t      et     t      nf     .
        killed Le     Dr     .      .      m      .      .      .      .      .      .      w      .      .      .      t      Ovu    t      t      et     t      nf     .
        last words Dr .      .      .      Juhuoc .      .      .      .      .      .      w      .      .      .      t      Ovu    t      t      et     t      nf     .
        goodbye Dr    .      .      .      Rehuoc .      .      .      .      .      .      wt     .      .      .      t      Ovu    t      t      et     t      nf     .
        dead Ju       .      .      .      .      .      .      Pa     Be     Be     .      w      .      .      .      .      Ovu    .      .      e      .      nf     .
        pausing Pa    .      .      .      Be     .      .      .      .      .      .      w      .      .      .      Ovu    Ovu    .      .      e      .      nf     .
        resting Re    .      .      .      .      .      .      .      .      .      .      w      .      .      .      Ovu    Ovu    Be     Be     e      .      nf     .
        detached Ov   .      .      .      .      .      .      .      .      .      .      w      .      .      .      t      .      t      t      et     t      nf     .
        shut down Ov  .      .      .      .      k      .      .      .      .      .      wt     .      .      .      .      .      .      .      e      .      nf     .
        """;

    private static readonly (string Name, Func<TrainerEvent> Event, TimeSpan After)[] Events =
    [
        ("free", () => new Looked(HasEnded: true, ExitCode: 3, IsLockHeld: false), default),
        ("held", () => new Looked(IsLockHeld: true, Holder: LifeOf.ProcessId), default),
        ("ended", () => new Looked(HasEnded: true, ExitCode: 3, IsLockHeld: true), default),
        ("late", () => new Looked(IsLockHeld: true, Holder: LifeOf.ProcessId), TimeSpan.FromMinutes(3)),
        ("up", () => new Launched(LifeOf.ProcessId), default),
        ("failed", () => new LaunchFailed("no memory"), default),
        ("pause", () => new Judged(TimeSpan.FromSeconds(1)), default),
        ("again", () => new Judged(TimeSpan.Zero), default),
        ("broke", () => new Broke(), default),
        ("signal", () => new Signalled(LifeOf.ProcessId), default),
        ("hello", () => LifeOf.SaysHello(), default),
        ("left", () => new HungUp(HasLeft: true), default),
        ("cut", () => new HungUp(HasLeft: false), default),
        ("kill", () => new KillAsked("it did not stop"), default),
        ("halt", () => new ShutdownAsked("the host stops"), default),
        ("detach", () => new Detached(), default),
        ("stop", () => new StopAsked(new Epoch(9)), default),
        ("runs", () => new EpochRuns(new Epoch(9)), default),
        ("rest", () => new JobFinished(new Epoch(2)), default),
        ("rank", () => new RankNeeded(new Rank(5)), default),
        ("step", () => new Said(new TrainerStep(2, 9, 1, 10)), default),
        ("other", () => new Said(new TrainerWarm()), default),
    ];

    /// <summary>The events that lead to each state.</summary>
    private static readonly (string Name, Func<LifeOf> Reach)[] States =
    [
        ("new", () => new LifeOf()),
        ("early", () => new LifeOf().On(LifeOf.SaysHello())),
        ("launching", () => new LifeOf().On(new Looked(IsLockHeld: false))),
        ("starting", () => new LifeOf().Starts()),
        ("trains", () => new LifeOf().Trains()),
        ("finished", () => new LifeOf().Trains().On(new Said(new TrainerFinished(2, 100)))),
        ("stopping", () => new LifeOf().Trains().On(new ShutdownAsked("the host stops"))),
        ("awaited", () => new LifeOf().On(new Looked(IsLockHeld: true, Holder: LifeOf.ProcessId))),
        ("adopted", () => new LifeOf().On(new Looked(IsLockHeld: true, Holder: LifeOf.ProcessId), LifeOf.SaysHello())),
        ("has left", () => new LifeOf().Trains().On(new HungUp(HasLeft: true))),
        ("goes", () => new LifeOf().Trains().On(new JobFinished(new Epoch(2)), new HungUp(HasLeft: true))),
        ("dying", () => new LifeOf().Trains().On(new Signalled(LifeOf.ProcessId))),
        ("killed", () => new LifeOf().Trains().On(new KillAsked("it did not stop"))),
        ("last words", () => new LifeOf().Trains().On(new Signalled(LifeOf.ProcessId), new Looked(HasEnded: true, IsLockHeld: false))),
        ("goodbye", () => new LifeOf().Trains().On(
            new JobFinished(new Epoch(2)), new Signalled(LifeOf.ProcessId), new Looked(HasEnded: true, IsLockHeld: false))),
        ("dead", () => new LifeOf().Trains().On(new HungUp(HasLeft: true), new Looked(HasEnded: true, ExitCode: 3, IsLockHeld: false))),
        ("pausing", () => new LifeOf().Trains().On(
            new HungUp(HasLeft: true), new Looked(HasEnded: true, ExitCode: 3, IsLockHeld: false), new Judged(TimeSpan.FromSeconds(1)))),
        ("resting", () => new LifeOf().Trains().On(
            new Said(new TrainerFinished(2, 100)), new HungUp(HasLeft: true), new Looked(HasEnded: true, ExitCode: 0, IsLockHeld: false))),
        ("detached", () => new LifeOf().Trains().On(new Detached())),
        ("shut down", () => new LifeOf().On(new ShutdownAsked("the host stops"))),
    ];

    private static readonly Dictionary<string, char> Letters = (
        "Launch:l AbandonLaunch:x Adopt:a Kill:k KillAgain:m Watch:w Unwatch:u SayStartHangs:s ClearObstacle:o JudgeLaunch:j Conclude:c HangUp:h "
        + "FillSpares:f ClearSpares:e NoteHealthy:n TellExit:t TellStop:t").Split(' ').ToDictionary(pair => pair[..^2], pair => pair[^1]);

    [Fact]
    public void EachEventInEachState()
    {
        var actual = Rows().ToArray();
        var expected = Table.Split('\n');
        Assert.True(expected.SequenceEqual(actual), "The table is now:\n" + string.Join('\n', actual));
    }

    [Fact]
    public void EachPhaseIsInTheTable() =>
        Assert.Equal(Enum.GetValues<TrainerPhase>(), States.Select(state => state.Reach().Now.Phase).Distinct().Order());

    /// <summary>The drawing in the page has exactly the arrows of the table.</summary>
    [Fact]
    public void TheDrawingOfThePage_HasTheArrowsOfTheTable()
    {
        var page = File.ReadAllText(Path.Combine(Repository(), "Gemini.Silo/Trainers/DESIGN.md"));
        var drawn = Arrow().Matches(page).Select(arrow => (arrow.Groups[1].Value, arrow.Groups[2].Value));
        var made = States.SelectMany(state => Events.Select(column =>
        {
            var before = state.Reach().Now.Phase;
            return (From: before.ToString(), To: Apply(state.Reach(), column).Now.Phase.ToString());
        })).Where(arrow => arrow.From != arrow.To);
        Assert.Equal(made.Distinct().Order(), drawn.Order());
    }

    private static IEnumerable<string> Rows()
    {
        yield return Row("", Events.Select(column => column.Name));
        foreach (var (name, reach) in States)
        {
            var phase = Short(reach().Now.Phase);
            yield return Row($"{name} {phase}", Events.Select(column => Cell(reach(), column)));
        }
    }

    private static string Row(string head, IEnumerable<string> cells) =>
        (head.PadRight(14) + string.Concat(cells.Select(cell => cell.PadRight(7)))).TrimEnd();

    private static string Cell(LifeOf life, (string Name, Func<TrainerEvent> Event, TimeSpan After) column)
    {
        var before = life.Now.Phase;
        Apply(life, column);
        var phase = life.Now.Phase == before ? "" : Short(life.Now.Phase);
        var actions = string.Concat(life.LastActions.Select(action => Letters[LifeOf.Name(action)]));
        return phase + actions is { Length: > 0 } cell ? cell : ".";
    }

    private static LifeOf Apply(LifeOf life, (string Name, Func<TrainerEvent> Event, TimeSpan After) column) => life.Pass(column.After).On(column.Event());

    private static string Short(TrainerPhase phase) => phase.ToString()[..2];

    private static string Repository([System.Runtime.CompilerServices.CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../.."));

    [GeneratedRegex(@"^    (\w+) --> (\w+)", RegexOptions.Multiline)]
    private static partial Regex Arrow();
}
