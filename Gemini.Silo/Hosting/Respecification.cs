using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;
using Orleans.Storage;

namespace Gemini.Silo.Hosting;

/// <summary>Changes the specification in a job's record. The only way to do so after the first start.</summary>
internal static class Respecification
{
    /// <summary>Returns what has changed.</summary>
    /// <exception cref="BadInputException">The change is not possible, or not now.</exception>
    public static async Task<ImmutableArray<SpecDifference>> RunAsync(
        HostConfiguration configuration, IServiceProvider services, TimeProvider time, CancellationToken ct)
    {
        await using var store = await RecordStore.OpenAsync(configuration, services.GetRequiredService<IGrainStorageSerializer>(), time, ct);
        var read = await RecordStore.BoundedAsync(configuration, store.ReadAsync, time);
        if (read is not { Record: { Spec: { } recorded } record } known)
        {
            throw new BadInputException(
                $"job {configuration.Job.Name} has no record at {configuration.Redis.Split(',')[0]}: the job has not started yet, "
                + "so any specification is accepted.");
        }

        var wanted = configuration.ToJobSpec();
        var differences = recorded.DifferencesTo(wanted);
        if (Refusal(recorded, wanted) is { } refusal) throw new BadInputException(refusal);
        if (differences.Any(difference => difference.MustAgree) && await AnyoneRunsAsync(configuration, services, time) is { } host)
        {
            throw new BadInputException(
                $"host {host} of job {configuration.Job.Name} runs, and would be refused with its present configuration: "
                + $"{HostAdmission.Describe(differences.Where(difference => difference.MustAgree))}. Stop all hosts of the job first.");
        }

        if (differences.IsEmpty) return differences;
        if (!await RecordStore.BoundedAsync(configuration, () => store.TryWriteAsync(record with { Spec = wanted }, known.Etag), time))
            throw new BadInputException("the record was changed by another program at the same moment; try again.");
        return differences;
    }

    /// <summary>Why no record can be changed in this way; null if it can. Shards belong to ranks, so the numbers of hosts and ranks stay.</summary>
    internal static string? Refusal(JobSpec recorded, JobSpec wanted) => recorded.WorldSize == wanted.WorldSize && recorded.HostCount == wanted.HostCount
        ? null
        : $"the job started with {recorded.HostCount} hosts and {recorded.WorldSize} ranks, and the configuration has "
            + $"{wanted.HostCount} and {wanted.WorldSize}; its snapshots have one shard for each rank, so these numbers cannot change. "
            + "Begin another job, with another job.name.";

    private static async Task<string?> AnyoneRunsAsync(HostConfiguration configuration, IServiceProvider services, TimeProvider time)
    {
        await using var table = MembershipTable.Open(services);
        var rows = await RecordStore.BoundedAsync(configuration, table.ConnectAsync, time);
        foreach (var row in rows.Members.Select(row => row.Item1).Where(row => row.Status != SiloStatus.Dead))
        {
            if (await HostAdmission.AnswersAsync(row.SiloAddress.Endpoint, time, CancellationToken.None)) return row.SiloName;
        }

        return null;
    }
}
