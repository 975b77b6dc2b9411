using Gemini.Silo.Commands;

using var signals = new TerminationSignals();
return await GeminiCommandLine.RunAsync(args, Console.Out, Console.Error, signals.Token, signals.Hurry);
