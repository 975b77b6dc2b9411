using System.Text;

namespace Gemini.Trainer.Tests;

/// <summary>
/// What the code under test writes to the console. Other tests run at the same time, so the text is that of this asynchronous flow alone; everything
/// else goes where it went before.
/// </summary>
internal sealed class ConsoleText : IDisposable
{
    private static readonly AsyncLocal<ConsoleText?> Current = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    static ConsoleText()
    {
        Console.SetOut(new Router(Console.Out, text => text._output));
        Console.SetError(new Router(Console.Error, text => text._error));
    }

    public ConsoleText() => Current.Value = this;

    public string[] Output => Lines(_output);

    public string[] Error => Lines(_error);

    public void Dispose() => Current.Value = null;

    private static string[] Lines(StringWriter writer) => writer.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private sealed class Router(TextWriter elsewhere, Func<ConsoleText, TextWriter> of) : TextWriter
    {
        public override Encoding Encoding => elsewhere.Encoding;

        private TextWriter Target => Current.Value is { } text ? of(text) : elsewhere;

        public override void Write(char value) => Target.Write(value);

        public override void Write(string? value) => Target.Write(value);

        public override void WriteLine(string? value) => Target.WriteLine(value);

        public override void Flush() => Target.Flush();
    }
}
