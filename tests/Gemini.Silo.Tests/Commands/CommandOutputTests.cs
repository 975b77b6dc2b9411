using System.IO.Pipes;
using Gemini.Silo.Commands;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Tests.Commands;

public sealed class CommandOutputTests
{
    [Fact]
    public async Task A_full_disk_fails_no_write_and_stops_the_command_with_one_line()
    {
        using var full = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write);
        await AssertLostAsync((int)full.DangerousGetHandle(), "No space left on device");
    }

    [Fact]
    public async Task A_reader_that_has_left_fails_no_write_and_stops_the_command_with_one_line()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        pipe.ClientSafePipeHandle.Dispose();
        await AssertLostAsync((int)pipe.SafePipeHandle.DangerousGetHandle(), "Broken pipe");
    }

    [Fact]
    public void What_is_written_is_in_the_file_at_once_behind_what_others_wrote()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "before ");
            using var shared = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            using var output = new CommandOutput((int)shared.SafeFileHandle.DangerousGetHandle());
            output.Writer.Write("größer");
            Assert.Equal("before größer", File.ReadAllText(path));
            Assert.Equal(3, output.End(3, TextWriter.Null));
            Assert.False(output.Lost.IsCancellationRequested);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task AssertLostAsync(int descriptor, string words)
    {
        using var output = new CommandOutput(descriptor);
        using var error = new StringWriter();
        output.Writer.WriteLine("a");
        // A process that is just being started keeps the reader's end open until it runs its program, so the first write may succeed.
        await Wait.UntilAsync(() =>
        {
            output.Writer.WriteLine("b");
            return output.Lost.IsCancellationRequested;
        }, "the command to be stopped");
        Assert.Equal(ExitCodes.OutputLost, output.End(ExitCodes.Interrupted, error));
        Assert.StartsWith($"gemini: standard output cannot be written: {words}.", error.ToString());
        Assert.Equal(1, error.ToString().Count(sign => sign == '\n'));
    }
}
