using System.Globalization;

namespace Gemini.Silo.Trainers;

/// <summary>
/// The start of one process, on a thread of its own. The file systems that it needs may hang, and nobody else may have to wait for them.
/// </summary>
/// <remarks>
/// An abandoned start starts no process any more. If it was starting a process at that moment, that process is killed. In addition, a trainer takes
/// its lock before it does anything, so two processes of one rank never train.
/// </remarks>
internal sealed class TrainerStart
{
    private volatile bool _isAbandoned;
    private volatile string _step;

    /// <param name="context">The host, with the options of the start.</param>
    /// <param name="localIndex">Which of the host's trainers.</param>
    /// <param name="spare">Its number as a spare; 0 for a trainer.</param>
    public TrainerStart(TrainerContext context, int localIndex, int spare = 0)
    {
        _step = string.Create(CultureInfo.InvariantCulture, $"opens the logs in {context.Options.LogDirectory}");
        Process = Task.Factory.StartNew(
            () => Run(context, localIndex, spare), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The process; the caller owns it. Faults if no process can be started, or if the start was abandoned.</summary>
    public Task<TrainerProcess> Process { get; }

    /// <summary>What the start does at this moment, for people: "opens the logs in /logs".</summary>
    public string Step => _step;

    /// <summary>The caller no longer wants the process.</summary>
    public void Abandon()
    {
        _isAbandoned = true;
        Process.ContinueWith(
            static start =>
            {
                // Nobody looks at the failure of an abandoned start, so it is observed here.
                if (start.Exception is null && start.IsCompletedSuccessfully) start.Result.Kill();
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private TrainerProcess Run(TrainerContext context, int localIndex, int spare)
    {
        if (_isAbandoned) throw new OperationCanceledException();
        var logs = context.Options.OpenLogs(context.Options.LogDirectory, localIndex);
        if (_isAbandoned) throw new OperationCanceledException();
        _step = "waits for the operating system to start a process";
        return TrainerProcess.Start(context, localIndex, spare, logs);
    }
}
