using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Gemini.Interfaces.SharedMemory;

/// <summary>A whole file that is mapped into this process.</summary>
/// <remarks>Ownership: it disposes the handle. Disposing makes all pointers into the file invalid.</remarks>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _base;

    /// <param name="handle">The file. If this constructor throws, it stays the caller's.</param>
    /// <param name="bytes">The size of the file.</param>
    /// <param name="access">How this process uses it.</param>
    /// <exception cref="IOException">The file cannot be mapped.</exception>
    public MappedFile(SafeFileHandle handle, long bytes, MemoryMappedFileAccess access)
    {
        Handle = handle;
        _file = MemoryMappedFile.CreateFromFile(handle, null, 0, access, HandleInheritability.None, leaveOpen: true);
        try
        {
            _view = _file.CreateViewAccessor(0, bytes, access);
        }
        catch
        {
            _file.Dispose();
            throw;
        }

        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _base);
    }

    public SafeFileHandle Handle { get; }

    /// <summary>The first byte of the file; page aligned.</summary>
    public byte* Base => _base;

    /// <summary>Call it once.</summary>
    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
        Handle.Dispose();
    }
}
