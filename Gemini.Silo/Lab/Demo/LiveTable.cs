using System.Globalization;
using System.Threading.Channels;
using Gemini.Interfaces.Model;
using Gemini.Silo.Status;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Gemini.Silo.Lab.Demo;

/// <summary>The display on a terminal: a table of hosts that is drawn again for new statuses, a progress bar, and the last events.</summary>
internal sealed class LiveTable : IDemoDisplay
{
    private const int EventsShown = 10;
    private const int BarWidth = 50;

    /// <summary>
    /// A person cannot follow a faster display. A fast job changes dozens of times a second, and a remote terminal pays for each byte.
    /// </summary>
    private static readonly TimeSpan RedrawPeriod = TimeSpan.FromMilliseconds(200);

    private readonly StatusNarrator _narrator = new();
    private readonly Queue<string> _events = [];
    private readonly Lock _lock = new();
    private readonly Channel<bool> _redraw = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly long _iterations;
    private readonly TimeProvider _clock;
    private readonly long _start;
    private readonly Task _drawing;
    private JobStatus? _status;

    public LiveTable(IAnsiConsole console, long iterations, TimeProvider clock)
    {
        _iterations = iterations;
        _clock = clock;
        _start = clock.GetTimestamp();
        _drawing = console.Live(Draw()).Overflow(VerticalOverflow.Crop).StartAsync(DrawAsync);
    }

    public void Say(string line)
    {
        lock (_lock)
        {
            _events.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{_clock.GetElapsedTime(_start).TotalSeconds,6:0.0} s  {line}"));
            if (_events.Count > EventsShown) _events.Dequeue();
        }

        _redraw.Writer.TryWrite(true);
    }

    public void Show(JobStatus status)
    {
        lock (_lock) _status = status;
        foreach (var line in _narrator.Observe(status)) Say(line);
        _redraw.Writer.TryWrite(true);
    }

    public async ValueTask DisposeAsync()
    {
        _redraw.Writer.TryComplete();
        await _drawing;
    }

    private async Task DrawAsync(LiveDisplayContext context)
    {
        await foreach (var _ in _redraw.Reader.ReadAllAsync())
        {
            context.UpdateTarget(Draw());
            context.Refresh();
            await Task.Delay(RedrawPeriod, _clock);
        }

        context.UpdateTarget(Draw());
    }

    private Rows Draw()
    {
        lock (_lock)
        {
            List<IRenderable> rows = [];
            if (_status is { } status)
            {
                rows.Add(HostTable(status));
                rows.Add(new Markup(Bar(status)));
                rows.Add(new Markup(Standing(status)));
            }
            else
            {
                rows.Add(new Markup("[grey]hosts are starting[/]"));
            }

            rows.AddRange(_events.Select(line => new Text(line, new Style(Color.Grey))));
            return new Rows(rows);
        }
    }

    private static Table HostTable(JobStatus status)
    {
        var table = new Table().Border(TableBorder.Simple);
        // Together at most 80 columns wide.
        foreach (var header in (string[])["host", "#", "state", "iter", "loss", "capture", "commit", "memory", "silo+trainer pid"])
            table.AddColumn(new TableColumn(header).NoWrap().PadLeft(0).PadRight(1));
        foreach (var host in status.Hosts.OrderBy(host => host.Position?.Value ?? int.MaxValue).ThenBy(host => host.Report.Host))
        {
            var report = host.Report;
            var trainer = report.Trainers.FirstOrDefault();
            var loss = trainer?.Loss ?? double.NaN;
            var pids = report.Trainers.Select(one => one.ProcessId).Where(pid => pid != 0).Prepend(report.SiloProcessId);
            table.AddRow(
                Markup.Escape(report.Host.Value), host.Position?.ToString() ?? "-", State(host), trainer?.Iteration.ToString() ?? "-",
                double.IsFinite(loss) ? loss.ToString("0.000", CultureInfo.InvariantCulture) : "-", trainer?.Captured.ToString() ?? "-",
                report.Committed.ToString(), ByteText.Of(report.MemoryBytes), string.Join(' ', pids));
        }

        return table;
    }

    private static string State(HostStatus host)
    {
        if (!host.Alive) return "[red]lost[/]";
        if (host.Position is null) return "[grey]standby[/]";
        var state = host.Report.Trainers.FirstOrDefault()?.State ?? TrainerState.Starting;
        var colour = state switch
        {
            TrainerState.Training or TrainerState.Finished => "green",
            TrainerState.Interrupted or TrainerState.Exited => "red",
            _ => "yellow",
        };
        return $"[{colour}]{state.ToString().ToLowerInvariant()}[/]";
    }

    private string Bar(JobStatus status)
    {
        var done = (int)(BarWidth * Math.Clamp(status.Trained.Value / (double)_iterations, 0, 1));
        return $"[green]{new string('━', done)}[/][grey]{new string('━', BarWidth - done)}[/] {status.Trained}/{_iterations}";
    }

    private static string Standing(JobStatus status) => string.Create(CultureInfo.InvariantCulture,
        $"[bold]{status.Phase.ToString().ToLowerInvariant()}[/] {Markup.Escape(status.Reason)}  ·  epoch {status.Epoch}  ·  committed {status.Committed} "
        + $"(largest lag {status.CommittedLagMax})  ·  {status.IterationMillisecondsMedian:0} ms/iteration  "
        + $"·  root agent on {Markup.Escape(status.RootHost.Value ?? "-")}")
        + (status.Job.Storage is null ? "" : $"  ·  persisted {status.Persisted}")
        + (status.StorageProblem is { } trouble ? $"  ·  [red]storage: {Markup.Escape(trouble)}[/]" : "");
}
