using Gemini.Silo.Commands;

const int StandardOutput = 1;
const int StandardError = 2;

using var signals = new TerminationSignals();
// A terminal keeps the console's own writer, because commands draw on it. If standard error fails, that cannot be reported anywhere, so nothing
// reacts.
using var error = Console.IsErrorRedirected ? new CommandOutput(StandardError) : null;
var errors = error?.Writer ?? Console.Error;
if (!Console.IsOutputRedirected) return await GeminiCommandLine.RunAsync(args, Console.Out, errors, signals.Token, signals.Hurry);

using var output = new CommandOutput(StandardOutput);
using var end = CancellationTokenSource.CreateLinkedTokenSource(signals.Token, output.Lost);
var exitCode = await GeminiCommandLine.RunAsync(args, output.Writer, errors, end.Token, signals.Hurry);
// Ctrl-C in a shell also ends the reader of a pipe. The output is then lost as expected, and the command's own exit code counts.
return signals.Token.IsCancellationRequested ? exitCode : output.End(exitCode, errors);
