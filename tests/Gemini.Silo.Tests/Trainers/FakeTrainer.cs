using System.Net.Sockets;
using System.Text;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>A trainer's end of the trainer socket.</summary>
internal sealed class FakeTrainer : IDisposable
{
    private readonly NetworkStream _stream;
    private readonly StreamReader _reader;

    private FakeTrainer(Socket socket)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new StreamReader(_stream);
    }

    public static async Task<FakeTrainer> ConnectAsync(SupervisorFixture test, int processId, long epoch = 0, long iteration = 0)
    {
        var trainer = await ConnectSilentlyAsync(test);
        trainer.Send(Hello(processId, epoch, iteration));
        return trainer;
    }

    public static async Task<FakeTrainer> ConnectSilentlyAsync(SupervisorFixture test)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(test.Paths.TrainerSocket));
        return new FakeTrainer(socket);
    }

    public static TrainerHello Hello(int processId, long epoch = 0, long iteration = 0, int localIndex = 0, int version = TrainerProtocol.Version) =>
        new(version, localIndex, processId, "x:9", "a test", 5, 100, epoch > 0 ? 1 : null, epoch, iteration, epoch > 0 ? 4096 : 0);

    public void Send(TrainerMessage message) => _stream.Write(TrainerProtocol.Encode(message));

    public void SendRaw(string text) => _stream.Write(Encoding.UTF8.GetBytes(text));

    /// <param name="limit">Default: <see cref="SupervisorFixture.Limit"/>.</param>
    public async Task<TrainerMessage?> ReceiveAsync(TimeSpan? limit = null) =>
        await _reader.ReadLineAsync().WaitAsync(limit ?? SupervisorFixture.Limit) is { } line ? TrainerProtocol.Decode(line) : null;

    /// <summary>Completes when the silo has closed the connection.</summary>
    public async Task ClosedAsync()
    {
        try
        {
            while (await ReceiveAsync() is not null) { }
        }
        catch (IOException)
        {
            // A reset also closes the connection.
        }
    }

    public void Dispose() => _stream.Dispose();
}
