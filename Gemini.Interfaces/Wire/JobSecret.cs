using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gemini.Interfaces.Files;

namespace Gemini.Interfaces.Wire;

/// <summary>
/// The secret that the processes of one job share. Each side of a connection proves that it knows it: it sends a nonce and
/// answers the peer's nonce with <c>HMAC-SHA256(secret, role ‖ context ‖ peer nonce ‖ own nonce)</c>. The role keeps an
/// answer from being reflected, the context binds it to one protocol.
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

    public static JobSecret Generate() => new(RandomNumberGenerator.GetBytes(32));

    /// <summary>Reads a key file: its bytes without surrounding white space.</summary>
    /// <exception cref="InvalidDataException">
    /// The file is missing, too short, or not secret: other users may read it. The message names the fix.
    /// </exception>
    public static JobSecret Load(string path)
    {
        if (!File.Exists(path))
            throw new InvalidDataException($"The job secret {path} does not exist. Make one with: head -c 32 /dev/urandom | base64 > {path}; chmod 600 {path}");
        // Looked at through the open file, so that what is read is what was looked at. A link is followed: Kubernetes mounts secrets as links.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (Problem(path, FileStatus.Of(stream.SafeFileHandle, path), FileStatus.CurrentUser) is { } problem) throw new InvalidDataException(problem);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var bytes = Encoding.UTF8.GetBytes(reader.ReadToEnd().Trim());
        if (bytes.Length < MinimumBytes)
            throw new InvalidDataException($"The job secret {path} has {bytes.Length} bytes; at least {MinimumBytes} are needed.");
        return new JobSecret(bytes);
    }

    /// <summary>Writes the secret to a file that only its owner may read. The file must not exist.</summary>
    public void Save(string path)
    {
        using var file = PrivateFile.Create(path);
        RandomAccess.Write(file, Encoding.ASCII.GetBytes(Convert.ToBase64String(_key)), 0);
    }

    /// <summary>Why a file with this status is no secret of this user; null if it is one.</summary>
    internal static string? Problem(string path, FileStatus status, uint user)
    {
        // A secret that root hands out to a group (Kubernetes with fsGroup, systemd credentials) is not ours to change.
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

    /// <summary>The proof that one side sends: bound to its role, the protocol, the peer's nonce and its own.</summary>
    public byte[] Prove(HandshakeRole role, string context, ReadOnlySpan<byte> peerNonce, ReadOnlySpan<byte> ownNonce)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hmac.AppendData([(byte)role]);
        hmac.AppendData(Encoding.UTF8.GetBytes(context));
        hmac.AppendData(peerNonce);
        hmac.AppendData(ownNonce);
        return hmac.GetHashAndReset();
    }

    /// <summary>Whether the peer, in the given role, knows the secret. Takes the same time for every wrong proof.</summary>
    public bool Verify(ReadOnlySpan<byte> proof, HandshakeRole peerRole, string context, ReadOnlySpan<byte> ownNonce, ReadOnlySpan<byte> peerNonce) =>
        CryptographicOperations.FixedTimeEquals(proof, Prove(peerRole, context, ownNonce, peerNonce));
}
