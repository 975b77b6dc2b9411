using Gemini.Silo.Commands;

const int StandardOutput = 1;
const int StandardError = 2;

using var signals = new TerminationSignals();
// A terminal stays the console's own: it is drawn on. Nobody can be told that standard error is lost, so nothing is done about it.
using var error = Console.IsErrorRedirected ? new CommandOutput(StandardError) : null;
var errors = error?.Writer ?? Console.Error;
if (!Console.IsOutputRedirected) return await GeminiCommandLine.RunAsync(args, Console.Out, errors, signals.Token, signals.Hurry);

using var output = new CommandOutput(StandardOutput);
using var end = CancellationTokenSource.CreateLinkedTokenSource(signals.Token, output.Lost);
var exitCode = await GeminiCommandLine.RunAsync(args, output.Writer, errors, end.Token, signals.Hurry);
// Ctrl-C in a shell ends the reader of a pipe as well.
return signals.Token.IsCancellationRequested ? exitCode : output.End(exitCode, errors);
