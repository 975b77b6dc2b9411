using System.CommandLine;
using Gemini.Benchmarks.Captures;
using Gemini.Benchmarks.ControlPlane;
using Gemini.Benchmarks.Detections;
using Gemini.Benchmarks.Emulation;
using Gemini.Benchmarks.InBand;
using Gemini.Benchmarks.Memories;
using Gemini.Benchmarks.Overhead;
using Gemini.Benchmarks.Recoveries;
using Gemini.Benchmarks.Transfers;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;
using Gemini.Trainer.Client.Checkpointing;

// A host of the benchmark's cluster starts this program again, as a trainer that emulates its arithmetic or has none.
if (GeminiOptions.TryFromEnvironment() is not null)
{
    ThreadPool.SetMinThreads(16, 16);
    return await (args.Contains(StateTrainer.BytesOption) ? StateTrainer.RunAsync(args) : EmulatedTrainer.RunAsync(args));
}

var command = new RootCommand("Measures Gemini. Each command measures the limit that it compares with in the same run.");
command.Add(OverheadCommand.Create());
command.Add(CaptureCommand.Create());
command.Add(CaptureCommand.CreateTrainer());
command.Add(ReplicateCommand.Create());
command.Add(ReplicateCommand.CreateOwner());
command.Add(FetchCommand.Create());
command.Add(FetchCommand.CreateTarget());
command.Add(TransferCommand.CreatePeer());
command.Add(InBandCommand.Create());
command.Add(InBandCommand.CreateOwner());
command.Add(InBandCommand.CreatePeer());
command.Add(ControlPlaneCommand.Create());
command.Add(ControlPlaneCommand.CreateSilo());
command.Add(RecoverCommand.Create());
command.Add(DetectCommand.Create());
command.Add(MemoryCommand.Create());
command.Add(TablesCommand.Create());
try
{
    return await command.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (BadInputException error)
{
    await Console.Error.WriteLineAsync($"benchmark: {error.Message}");
    return ExitCodes.BadInput;
}
catch (LabException error)
{
    await Console.Error.WriteLineAsync($"benchmark: {error.Message}");
    return ExitCodes.Failed;
}
