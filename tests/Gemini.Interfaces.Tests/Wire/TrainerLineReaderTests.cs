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
}
