using System.Globalization;

namespace Gemini.Silo.Trainers;

/// <summary>
/// The start of one process, on a thread of its own: the file systems that it needs may hang, and nobody else may wait for them.
/// </summary>
/// <remarks>
/// One that is abandoned starts no process any more; a process that was being started at that moment is killed. Besides, a
/// trainer takes its lock before it does anything, so two of one rank never train.
/// </remarks>
internal sealed class TrainerStart
{
    private volatile bool _isAbandoned;
    private volatile string _step = "";

    /// <param name="host">How.</param>
    /// <param name="localIndex">Which of the host's trainers.</param>
    /// <param name="spare">Its number as a spare; 0 for a trainer.</param>
    public TrainerStart(TrainerHost host, int localIndex, int spare = 0) => Process = Task.Factory.StartNew(
        () => Run(host, localIndex, spare), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>The process, which is the caller's. Faults if no process can be started, or if the start was abandoned.</summary>
    public Task<TrainerProcess> Process { get; }

    /// <summary>What it does at this moment, for people: "opens the logs in /logs".</summary>
    public string Step => _step;

    /// <summary>Nobody wants the process any more.</summary>
    public void Abandon()
    {
        _isAbandoned = true;
        Process.ContinueWith(
            static start =>
            {
                // Whoever abandoned it does not look at its failure either.
                if (start.Exception is null && start.IsCompletedSuccessfully) start.Result.Kill();
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private TrainerProcess Run(TrainerHost host, int localIndex, int spare)
    {
        _step = string.Create(CultureInfo.InvariantCulture, $"opens the logs in {host.Options.LogDirectory}");
        var logs = host.Options.OpenLogs(host.Options.LogDirectory, localIndex);
        if (_isAbandoned) throw new OperationCanceledException();
        _step = "waits for the operating system to start a process";
        return TrainerProcess.Start(host, localIndex, spare, logs);
    }
}
