using Gemini.Grains.Recovery;
using Gemini.Grains.Root;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster.Ports;

/// <summary>The record's store as one root agent reaches it.</summary>
internal sealed class RootRecords(World world, Activation root) : IRecordStore
{
    /// <summary>The etag of this root agent's last write; null before its first write.</summary>
    public string? Etag { get; private set; }

    public async Task<StoredRecord> ReadAsync()
    {
        var read = await world.Record.ReadAsync(root, root.Silo.Machine);
        if (read.Outcome != RecordOutcome.Done) throw new GrainFailure("the store does not answer");
        // The defect: any record in the store seems to be this root agent's own.
        if (world.Has(Defect.EtagIgnored) && Etag is not null) return new StoredRecord(read.Record, Etag);
        if (read.Etag is null) return new StoredRecord(null, null);
        // The defect: the root agent takes the record for one of its own host's job.
        var isJudgedByHost = world.Has(Defect.OddHostDecides) && read.Record.Epoch > Epoch.Zero;
        return new StoredRecord(isJudgedByHost ? read.Record with { Spec = root.Silo.Job } : read.Record, read.Etag);
    }

    public async Task<string?> TryWriteAsync(RootRecord record, string? etag)
    {
        if (world.Has(Defect.DirectiveBeforeRecord) && record.Epoch > Epoch.Zero) return PretendToWrite(record, etag);
        var write = await world.Record.WriteAsync(root, root.Silo.Machine, record, etag);
        if (write.Outcome == RecordOutcome.Unknown) throw new GrainFailure("the store does not answer");
        return write.Outcome == RecordOutcome.Conflict ? null : Etag = write.Etag;
    }

    /// <summary>The defect: reports that the record is written, and only then writes it.</summary>
    private string PretendToWrite(RootRecord record, string? etag)
    {
        root.Launch(() => world.Record.WriteAsync(root, root.Silo.Machine, record, etag));
        return Etag = world.Record.NextEtag;
    }
}
