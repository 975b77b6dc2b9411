using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gemini.Interfaces.Files;

/// <summary>What the kernel reports about a file. .NET reports neither the owner nor the number of links.</summary>
/// <param name="Owner">User id.</param>
/// <param name="LinkCount">Names that the file has.</param>
/// <param name="Mode">Type and permission bits, as in <c>st_mode</c>.</param>
public readonly partial record struct FileStatus(uint Owner, uint LinkCount, int Mode)
{
    private const int TypeMask = 0xF000;
    private const int TypeFifo = 0x1000;
    private const int TypeDirectory = 0x4000;
    private const int TypeRegular = 0x8000;
    private const int TypeLink = 0xA000;
    private const int TypeSocket = 0xC000;

    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH: the descriptor itself
    private const uint BasicFields = 0x7FF; // STATX_BASIC_STATS
    private const int ErrorNotFound = 2;
    private const int ErrorNotADirectory = 20;

    /// <summary>The user that this process acts as.</summary>
    public static uint CurrentUser { get; } = EffectiveUser();

    /// <summary>With <see cref="DeviceMinor"/> and <see cref="Inode"/>: identifies the file, independent of its name.</summary>
    public uint DeviceMajor { get; init; }

    public uint DeviceMinor { get; init; }

    public ulong Inode { get; init; }

    public bool IsDirectory => (Mode & TypeMask) == TypeDirectory;

    public bool IsRegular => (Mode & TypeMask) == TypeRegular;

    public bool IsSocket => (Mode & TypeMask) == TypeSocket;

    public bool IsLink => (Mode & TypeMask) == TypeLink;

    public bool IsOwn => Owner == CurrentUser;

    /// <summary>What group and others may do.</summary>
    public UnixFileMode OthersPermissions => (UnixFileMode)(Mode & 0x3F);

    /// <summary>The permission bits as people write them: "0755".</summary>
    public string ModeText => "0" + Convert.ToString(Mode & 0xFFF, 8).PadLeft(3, '0');

    public string TypeText => (Mode & TypeMask) switch
    {
        TypeDirectory => "a folder",
        TypeRegular => "a file",
        TypeLink => "a symbolic link",
        TypeSocket => "a socket",
        TypeFifo => "a pipe",
        _ => "a device",
    };

    /// <summary>The file of that name; null if there is none.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="followLink">If the name is a symbolic link: its target, not the link.</param>
    /// <exception cref="IOException">The kernel does not say.</exception>
    public static FileStatus? Of(string path, bool followLink = false) =>
        Ask(CurrentDirectory, path, followLink ? 0 : NoFollow, out var status) switch
        {
            0 => status,
            ErrorNotFound or ErrorNotADirectory => null,
            var error => throw Failure(path, error),
        };

    /// <summary>An open file.</summary>
    /// <exception cref="IOException">The kernel does not say.</exception>
    public static FileStatus Of(SafeFileHandle file, string path)
    {
        var isHeld = false;
        try
        {
            file.DangerousAddRef(ref isHeld);
            var error = Ask((int)file.DangerousGetHandle(), "", EmptyPath, out var status);
            return error == 0 ? status : throw Failure(path, error);
        }
        finally
        {
            if (isHeld) file.DangerousRelease();
        }
    }

    private static int Ask(int directory, string path, int flags, out FileStatus status)
    {
        status = default;
        if (Statx(directory, path, flags, BasicFields, out var answer) != 0) return Marshal.GetLastPInvokeError();
        status = new FileStatus(answer.Owner, answer.LinkCount, answer.Mode)
        {
            DeviceMajor = answer.DeviceMajor,
            DeviceMinor = answer.DeviceMinor,
            Inode = answer.Inode,
        };
        return 0;
    }

    private static IOException Failure(string path, int error) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The status of {path} cannot be read: {Marshal.GetPInvokeErrorMessage(error)}."));

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, out KernelStatus status);

    /// <summary>The beginning of <c>struct statx</c>, whose layout is the same on every architecture; it has 256 bytes.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct KernelStatus
    {
        [FieldOffset(16)]
        public uint LinkCount;

        [FieldOffset(20)]
        public uint Owner;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
