using System.IO.Pipelines;
using System.Text;
using Gemini.Interfaces.Wire;

namespace Gemini.Interfaces.Tests.Wire;

public sealed class TrainerLineReaderTests
{
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0));

    private TrainerLineReader Reader => field ??= new(_pipe.Reader.AsStream());

    [Fact]
    public async Task Messages_InPieces_ComeWholeAndInOrder()
    {
        byte[] bytes = [.. TrainerProtocol.Encode(new SiloStop(7)), .. TrainerProtocol.Encode(new SiloCommitted(7, 12))];
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            await WriteAsync(bytes[..cut]);
            var first = Reader.ReadAsync(TestContext.Current.CancellationToken);
            await WriteAsync(bytes[cut..]);
            Assert.Equal(new SiloStop(7), await first);
            Assert.Equal(new SiloCommitted(7, 12), await Reader.ReadAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task End_InTheMiddleOfALine_IsTheEnd()
    {
        await WriteAsync(TrainerProtocol.Encode(new SiloStop(7))[..^1]);
        await _pipe.Writer.CompleteAsync();
        Assert.Null(await Reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Line_WithoutEnd_IsRefusedAtTheLimit()
    {
        await WriteAsync(Encoding.UTF8.GetBytes(new string(' ', TrainerProtocol.MaxLineBytes)));
        await Assert.ThrowsAsync<InvalidDataException>(() => Reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Line_OfTheLongestLength_IsRead()
    {
        var message = TrainerProtocol.Encode(new SiloStop(7));
        await WriteAsync([.. Enumerable.Repeat((byte)' ', TrainerProtocol.MaxLineBytes - message.Length), .. message]);
        Assert.Equal(new SiloStop(7), await Reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Line_ThatIsNoMessage_IsRefused()
    {
        await WriteAsync("{}\n"u8.ToArray());
        await Assert.ThrowsAsync<InvalidDataException>(() => Reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    private async Task WriteAsync(byte[] bytes) => await _pipe.Writer.WriteAsync(bytes, TestContext.Current.CancellationToken);

    /// <summary>The longest line has its line feed in the limit.</summary>
    [Fact]
    public async Task Line_OneByteTooLong_IsRefused()
    {
        var message = TrainerProtocol.Encode(new SiloStop(7));
        await WriteAsync([.. Enumerable.Repeat((byte)' ', TrainerProtocol.MaxLineBytes - message.Length + 1), .. message]);
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => Reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal("A line of more than 65536 bytes.", refused.Message);
    }

    [Fact]
    public async Task Lines_FarMoreThanTheBufferHolds_ComeAllInOrder()
    {
        var bytes = new List<byte>();
        for (var epoch = 0; epoch < 5000; epoch++) bytes.AddRange(TrainerProtocol.Encode(new SiloStop(epoch)));
        Assert.True(bytes.Count > 2 * TrainerProtocol.MaxLineBytes);
        await WriteAsync([.. bytes]);
        for (var epoch = 0; epoch < 5000; epoch++) Assert.Equal(new SiloStop(epoch), await Reader.ReadAsync(TestContext.Current.CancellationToken));
        await _pipe.Writer.CompleteAsync();
        Assert.Null(await Reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Null(await Reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("null\n")]
    [InlineData("{\"type\":\"halt\"}\n")]
    public async Task Line_EmptyOrUnknown_IsRefused(string line)
    {
        await WriteAsync(Encoding.UTF8.GetBytes(line));
        await Assert.ThrowsAsync<InvalidDataException>(() => Reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Bytes that are no UTF-8, as a program of another kind sends them.</summary>
    [Fact]
    public async Task Line_OfRandomBytes_IsRefused()
    {
        var bytes = new byte[1000];
        new Random(1).NextBytes(bytes);
        bytes[0] = 0xFF;
        await WriteAsync([.. bytes, (byte)'\n']);
        await Assert.ThrowsAsync<InvalidDataException>(() => Reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Line_EndsWithCarriageReturn_IsRead()
    {
        await WriteAsync("{\"type\":\"stop\",\"epoch\":7}\r\n"u8.ToArray());
        Assert.Equal(new SiloStop(7), await Reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Read_Cancelled_Ends()
    {
        using var stop = new CancellationTokenSource();
        var reading = Reader.ReadAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }
}
