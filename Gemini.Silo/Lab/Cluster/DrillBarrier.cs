namespace Gemini.Silo.Lab.Cluster;

/// <summary>One armed moment.</summary>
internal sealed class DrillBarrier(string id, string order, Func<string, bool> hosts, Action<DrillBarrier> release)
{
    private readonly TaskCompletionSource _armed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Id => id;

    /// <summary>The command that arms the moment.</summary>
    public string Order => order;

    /// <summary>
    /// Every process that was told has armed it, or has ended. Until then a process may pass the moment: the order is still on its way.
    /// </summary>
    public Task Armed => _armed.Task;

    /// <summary>The first host that has a process paused there.</summary>
    public Task<string> Reached => _reached.Task;

    public bool IsFor(string host) => hosts(host);

    /// <summary>Lets every process that is paused there continue, and disarms the moment. May be called again.</summary>
    public void Release() => release(this);

    internal void AllArmed() => _armed.TrySetResult();

    internal void Reach(string host) => _reached.TrySetResult(host);
}
