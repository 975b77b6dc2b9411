using Gemini.Silo.Status;
using Spectre.Console;

namespace Gemini.Silo.Commands;

/// <summary>Writes one status report, or one report after another.</summary>
internal sealed class StatusOutput(StatusFormat format, TextWriter output)
{
    /// <summary>Wide enough for every table, if there is no terminal to ask for its width.</summary>
    private const int RedirectedWidth = 132;

    private static readonly TimeSpan WatchPeriod = TimeSpan.FromSeconds(1);

    public void Write(StatusReport report)
    {
        if (format == StatusFormat.Json) output.WriteLine(StatusJson.Write(report));
        else if (format == StatusFormat.Brief) output.WriteLine(StatusScreen.Brief(report));
        else CreateConsole(output).Write(StatusScreen.Draw(report));
    }

    /// <summary>Writes a report every second, until there is none.</summary>
    /// <param name="first">The first report.</param>
    /// <param name="ask">Asks for the next one; null: nobody answers any more.</param>
    /// <param name="ct">Ends it.</param>
    public async Task WatchAsync(StatusReport first, Func<Task<StatusReport?>> ask, CancellationToken ct)
    {
        var console = CreateConsole(output);
        if (format != StatusFormat.Text || !console.Profile.Capabilities.Interactive)
        {
            await EverySecondAsync(first, ask, WriteLine, ct);
            return;
        }

        // If a report does not fit the terminal, its last lines are cut, so that the verdict and the warnings stay on the screen.
        await console.Live(StatusScreen.Draw(first)).Overflow(VerticalOverflow.Ellipsis).Cropping(VerticalOverflowCropping.Bottom)
            .StartAsync(live => EverySecondAsync(first, ask, report => live.UpdateTarget(StatusScreen.Draw(report)), ct));
    }

    internal static IAnsiConsole CreateConsole(TextWriter output, int width = RedirectedWidth)
    {
        if (output == Console.Out && !Console.IsOutputRedirected) return AnsiConsole.Console;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = width;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }

    private static async Task EverySecondAsync(
        StatusReport first, Func<Task<StatusReport?>> ask, Action<StatusReport> write, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(WatchPeriod, TimeProvider.System);
        for (var report = first; report is not null; report = await ask())
        {
            write(report);
            await timer.WaitForNextTickAsync(ct);
        }
    }

    /// <summary>Writes JSON on one line, unlike a single answer, because a reader takes one report per line.</summary>
    private void WriteLine(StatusReport report)
    {
        if (format == StatusFormat.Json) output.WriteLine(StatusJson.WriteLine(report));
        else Write(report);
    }
}
