using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;
using Orleans.Storage;

namespace Gemini.Silo.Hosting;

/// <summary>
/// Decides whether a host may take part in its job. Asks the job's record and the cluster's membership before the host touches memory, starts a
/// trainer or joins. So a wrong configuration affects only its own host.
/// </summary>
internal static class HostAdmission
{
    /// <summary>
    /// How long another host of the same name may answer before this one is refused. If the other host was cut off or frozen, the cluster declares it
    /// dead in less time.
    /// </summary>
    private static readonly TimeSpan NameLimit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(500);

    /// <summary>A host that listens answers in one round trip.</summary>
    private static readonly TimeSpan DialLimit = TimeSpan.FromSeconds(1);

    /// <summary>If the host may take part, returns a notice for a person, or null if there is nothing to say.</summary>
    /// <exception cref="BadInputException">The host may not take part; the message says why, and what to do.</exception>
    public static async Task<string?> EnsureAsync(HostConfiguration configuration, IServiceProvider services, TimeProvider time, CancellationToken ct)
    {
        await using var store = await RecordStore.OpenAsync(configuration, services.GetRequiredService<IGrainStorageSerializer>(), time, ct);
        var read = await RecordStore.BoundedAsync(configuration, store.ReadAsync, time);
        var differences = read?.Record.Spec?.DifferencesTo(configuration.ToJobSpec()) ?? [];
        if (differences.Any(difference => difference.MustAgree)) throw new BadInputException(Refusal(configuration, differences));
        await EnsureNameIsFreeAsync(configuration, services, time, ct);
        return differences.IsEmpty ? null : $"{Describe(differences)}; the record is used. \"gemini respecify --config FILE\" changes the record.";
    }

    /// <summary>One line on a host that is configured for another job.</summary>
    internal static string Refusal(HostConfiguration configuration, IEnumerable<SpecDifference> differences) =>
        $"host {configuration.Host.Name} is configured for another job than '{configuration.Job.Name}', which started before: "
        + $"{Describe(differences.Where(difference => difference.MustAgree))}. Correct the configuration. Or, to change the job: stop all its hosts, "
        + "and accept the change with \"gemini respecify --config FILE\".";

    internal static string Describe(IEnumerable<SpecDifference> differences) =>
        SpecDifference.Describe(differences, "in the job's record", "in this host's configuration");

    /// <summary>
    /// A member of the same name at another address is an older process of this host, or another machine with the same name. The older process is
    /// dead, or the cluster soon declares it dead. The other machine continues to answer.
    /// </summary>
    private static async Task EnsureNameIsFreeAsync(HostConfiguration configuration, IServiceProvider services, TimeProvider time, CancellationToken ct)
    {
        var here = new IPEndPoint(IPAddress.Parse(configuration.Host.Address), configuration.Host.SiloPort);
        await using var table = MembershipTable.Open(services);
        await RecordStore.BoundedAsync(configuration, table.ConnectAsync, time);
        for (var start = time.GetTimestamp(); ;)
        {
            var rows = await RecordStore.BoundedAsync(configuration, table.ReadAsync, time);
            var others = rows.Members.Select(row => row.Item1)
                .Where(row => row.SiloName == configuration.Host.Name && row.Status != SiloStatus.Dead && !row.SiloAddress.Endpoint.Equals(here)).ToList();
            var living = await Task.WhenAll(others.Select(async row => await AnswersAsync(row.SiloAddress.Endpoint, time, ct) ? row : null));
            if (living.FirstOrDefault(row => row is not null) is not { } other) return;
            if (time.GetElapsedTime(start) >= NameLimit)
            {
                throw new BadInputException(
                    $"host.name is \"{configuration.Host.Name}\", but host {configuration.Host.Name} runs at "
                    + $"{other.SiloAddress.Endpoint}, and this one would be at {here}; two hosts cannot have the same name. "
                    + "Correct host.name, or stop the other host first.");
            }

            await Task.Delay(LookPause, time, ct);
        }
    }

    /// <summary>Whether somebody listens there.</summary>
    internal static async Task<bool> AnswersAsync(IPEndPoint endpoint, TimeProvider time, CancellationToken ct)
    {
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var late = new CancellationTokenSource(DialLimit, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            await socket.ConnectAsync(endpoint, limit.Token);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }
}
