using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Transfer;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>
/// A data port that knows the job's secret, and then says whatever the test wants. Each connection serves one request; the last answer is for all
/// further connections.
/// </summary>
internal sealed class ScriptedPort : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<DataConnection, Task>[] _answers;
    private readonly Task _serving;

    public ScriptedPort(params Func<DataConnection, Task>[] answers)
    {
        _answers = answers;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _serving = Task.Run(ServeAsync);
    }

    public string Endpoint => _listener.LocalEndPoint!.ToString()!;

    /// <summary>The requests so far.</summary>
    public List<DataRequestKind> Requests { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        for (var index = 0; ; index++)
        {
            using var connection = new DataConnection(await _listener.AcceptAsync(_stop.Token), TimeProvider.System);
            try
            {
                await new DataHandshake(TestHost.Secret, Job, Wait.Limit).AcceptAsync(connection, () => true);
                connection.Arm(Wait.Limit);
                await connection.ReceiveFrameAsync(DataRequest.SizeBytes);
                if (DataRequest.TryRead(connection.ReceivedFrame, out var request)) Requests.Add(request.Kind);
                await _answers[Math.Min(index, _answers.Length - 1)](connection);
                // The asking side closes the connection. Before that it reads what it wants of the answer.
                await connection.ReceiveFrameAsync(1);
            }
            catch (Exception error) when (DataConnection.IsConnectionFailure(error))
            {
                // The asking side has closed the connection.
            }
        }
    }
}
