using System.Diagnostics.Metrics;

namespace Gemini.Benchmarks.ControlPlane.Cluster;

/// <summary>Counts the processor time of this process and the messages of its silo, by Orleans' own instruments.</summary>
internal sealed class UsageMeter : IDisposable
{
    private const string Sent = "orleans-messaging-sent-messages-size";
    private const string Received = "orleans-messaging-received-messages-size";

    private readonly MeterListener _listener = new();
    private long _messages;
    private long _bytes;

    public UsageMeter()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name is Sent or Received) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((_, bytes, _, _) => Count(bytes));
        _listener.SetMeasurementEventCallback<long>((_, bytes, _, _) => Count(bytes));
        _listener.Start();
    }

    /// <summary>Since the process began.</summary>
    public SiloUsage Now => new(Environment.CpuUsage.TotalTime.TotalMilliseconds, Interlocked.Read(ref _messages), Interlocked.Read(ref _bytes));

    public void Dispose() => _listener.Dispose();

    private void Count(long bytes)
    {
        Interlocked.Increment(ref _messages);
        Interlocked.Add(ref _bytes, bytes);
    }
}
