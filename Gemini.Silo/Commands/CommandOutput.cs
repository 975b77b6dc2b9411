using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Commands;

/// <summary>
/// The standard output of a command, if it is a file or a pipe. A write here never fails. If the system refuses a write because a disk is full or the
/// reader has exited, the first refusal asks the command to stop in good order, and <see cref="End"/> reports the problem once. So no command has to
/// handle a refused write, and none leaves processes behind because of one. <see cref="Writer"/> is thread-safe.
/// </summary>
/// <remarks>.NET's own console stream throws at the write if the disk is full, and ignores a reader that has exited.</remarks>
internal sealed partial class CommandOutput : IDisposable
{
    private readonly CancellationTokenSource _lost = new();
    private readonly DescriptorStream _stream;

    /// <param name="descriptor">The open file to write to. The caller keeps the ownership.</param>
    public CommandOutput(int descriptor)
    {
        _stream = new DescriptorStream(descriptor, () => _ = _lost.CancelAsync());
        Writer = TextWriter.Synchronized(new StreamWriter(_stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true });
    }

    /// <summary>Where the command writes.</summary>
    public TextWriter Writer { get; }

    /// <summary>Cancelled when a write was refused.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>The system's error text for the first write that it refused, or null.</summary>
    public string? Problem => _stream.Problem;

    /// <summary>
    /// Returns the exit code of a command that has ended with <paramref name="exitCode"/>. If a write was refused, reports that on
    /// <paramref name="error"/>.
    /// </summary>
    public int End(int exitCode, TextWriter error)
    {
        if (Problem is not { } problem) return exitCode;
        error.WriteLine($"gemini: standard output cannot be written: {problem}. The command was stopped, and its output is incomplete.");
        return ExitCodes.OutputLost;
    }

    public void Dispose() => _lost.Dispose();

    /// <summary>Writes to an open file of the system. After the first refusal it accepts all data and writes nothing.</summary>
    private sealed partial class DescriptorStream(int descriptor, Action lost) : Stream
    {
        private const int Interrupted = 4;
        private const int TryAgain = 11;
        private const short Writable = 4;
        private const int PollMilliseconds = 1000;

        public string? Problem { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            while (buffer.Length > 0 && Problem is null)
            {
                var written = WriteTo(descriptor, buffer, (nuint)buffer.Length);
                if (written >= 0) buffer = buffer[(int)written..];
                else Refused(Marshal.GetLastPInvokeError());
            }
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        private void Refused(int errno)
        {
            if (errno == Interrupted) return;
            if (errno == TryAgain)
            {
                // Another program has made the pipe non-blocking. Wait for a slow reader, as a write to a blocking pipe does.
                var entry = new PollEntry { Descriptor = descriptor, Requested = Writable };
                _ = Poll(ref entry, 1, PollMilliseconds);
                return;
            }

            Problem = new Win32Exception(errno).Message;
            lost();
        }

        [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
        private static partial nint WriteTo(int descriptor, ReadOnlySpan<byte> buffer, nuint count);

        [LibraryImport("libc", EntryPoint = "poll")]
        private static partial int Poll(ref PollEntry entries, nuint count, int timeoutMilliseconds);

        /// <summary>struct pollfd.</summary>
        [StructLayout(LayoutKind.Sequential)]
        private struct PollEntry
        {
            public int Descriptor;
            public short Requested;
            public short Returned;
        }
    }
}
