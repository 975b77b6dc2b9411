using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gemini.Interfaces.Files;

namespace Gemini.Interfaces.Wire;

/// <summary>
/// The secret that the processes of one job share. It is never sent: the two sides of a connection prove that they know it
/// (<see cref="MutualProof"/>), and grain calls carry a mark made with it (<see cref="CallMark"/>).
/// </summary>
public sealed class JobSecret
{
    public const int NonceBytes = 32;
    public const int ProofBytes = 32;
    public const int MinimumBytes = 16;

    private readonly byte[] _key;

    /// <exception cref="ArgumentException">Fewer than <see cref="MinimumBytes"/> bytes.</exception>
    public JobSecret(ReadOnlySpan<byte> key)
    {
        if (key.Length < MinimumBytes) throw new ArgumentException($"A job secret has at least {MinimumBytes} bytes; this one has {key.Length}.", nameof(key));
        _key = key.ToArray();
    }

    private JobSecret() => _key = [];

    /// <summary>Stands for no secret: any process can make its proofs. For rings of processes that are started by hand.</summary>
    public static JobSecret None { get; } = new();

    public static JobSecret Generate() => new(RandomNumberGenerator.GetBytes(32));

    /// <summary>Reads a key file: its bytes without surrounding white space.</summary>
    /// <exception cref="InvalidDataException">The file is missing or too short, or other users may read it. The message names the fix.</exception>
    public static JobSecret Load(string path)
    {
        if (!File.Exists(path))
            throw new InvalidDataException($"The job secret {path} does not exist. Make one with: head -c 32 /dev/urandom | base64 > {path}; chmod 600 {path}");
        // The status is taken from the open file, so that the checked file is the one that is read. A link is followed: Kubernetes mounts secrets as
        // links.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (Problem(path, FileStatus.Of(stream.SafeFileHandle, path), FileStatus.CurrentUser) is { } problem) throw new InvalidDataException(problem);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var bytes = Encoding.UTF8.GetBytes(reader.ReadToEnd().Trim());
        if (bytes.Length < MinimumBytes)
            throw new InvalidDataException($"The job secret {path} has {bytes.Length} bytes; at least {MinimumBytes} are needed.");
        return new JobSecret(bytes);
    }

    /// <summary>Reads a key file as <see cref="Load"/> does; <see cref="None"/> if no path is given.</summary>
    /// <exception cref="InvalidDataException">As in <see cref="Load"/>.</exception>
    public static JobSecret LoadOrNone(string? path) => string.IsNullOrEmpty(path) ? None : Load(path);

    /// <summary>Writes the secret to a file that only its owner may read. The file must not exist.</summary>
    public void Save(string path)
    {
        using var file = PrivateFile.Create(path);
        RandomAccess.Write(file, Encoding.ASCII.GetBytes(Convert.ToBase64String(_key)), 0);
    }

    /// <summary>Why a file with this status cannot be used as this user's secret; null if it can.</summary>
    internal static string? Problem(string path, FileStatus status, uint user)
    {
        // A file of root that only a group may read is accepted (Kubernetes with fsGroup, systemd credentials): this user cannot change its mode.
        var isOwn = status.Owner == user;
        var isHandedOut = !isOwn && status.Owner == 0 && (status.OthersPermissions & ~UnixFileMode.GroupRead) == 0;
        if (!isOwn && !isHandedOut)
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"The job secret {path} (mode {status.ModeText}) belongs to user {status.Owner}, but this process runs as user "
                + $"{user}. As root: chown {user} {path}; chmod 600 {path}");
        }

        return isHandedOut || status.OthersPermissions == UnixFileMode.None
            ? null
            : $"The job secret {path} has mode {status.ModeText}, but only its owner may read it. Run: chmod 600 {path}";
    }

    /// <summary>HMAC-SHA256(secret, label ‖ first ‖ second).</summary>
    internal byte[] Authenticate(ReadOnlySpan<byte> label, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hmac.AppendData(label);
        hmac.AppendData(first);
        hmac.AppendData(second);
        return hmac.GetHashAndReset();
    }
}
