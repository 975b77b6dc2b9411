using Gemini.Silo.Configuration;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>
/// A command that starts a Redis server and hosts, uses them and stops them. However it ends, no process keeps running. Its logs are kept if it went
/// wrong, or where the options name a folder.
/// </summary>
/// <param name="command">The command's name, for its error lines.</param>
/// <param name="options">The hosts.</param>
/// <param name="error">Receives the reason of a failure.</param>
/// <param name="clock">The clock of the hosts.</param>
internal sealed class ClusterRun(string command, DemoOptions options, TextWriter error, TimeProvider clock)
{
    /// <summary>Returns the exit code.</summary>
    /// <param name="say">Receives a line about each event of a host.</param>
    /// <param name="work">Starts and uses the hosts. Returns whether all went well.</param>
    /// <param name="ct">Interrupts the work.</param>
    public async Task<int> RunAsync(Action<string> say, Func<LocalCluster, Task<bool>> work, CancellationToken ct)
    {
        var ports = new FreePorts(Environment.ProcessId);
        using var garnet = new GarnetHost(ports.Next(), options.Network?.OwnAddress ?? GarnetHost.Loopback);
        await using var cluster = new LocalCluster(options, ports, garnet.Endpoint, clock, say);
        var keepLogs = true;
        try
        {
            keepLogs = !await work(cluster);
            return keepLogs ? ExitCodes.Failed : ExitCodes.Success;
        }
        catch (LabException failure) when (!ct.IsCancellationRequested)
        {
            await error.WriteLineAsync($"{command}: {failure.Message} (logs: {cluster.LogDirectory})");
            return ExitCodes.Failed;
        }
        catch (Exception) when (ct.IsCancellationRequested)
        {
            keepLogs = false;
            return ExitCodes.Interrupted;
        }
        finally
        {
            await cluster.StopAsync();
            if (!keepLogs || options.Logs is not null) cluster.RemoveRunDirectory();
        }
    }
}
