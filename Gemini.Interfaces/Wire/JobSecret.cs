using System.Security.Cryptography;
using System.Text;

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
    /// <exception cref="InvalidDataException">The file is missing or too short; the message says how to make one.</exception>
    public static JobSecret Load(string path)
    {
        if (!File.Exists(path))
            throw new InvalidDataException($"The job secret {path} does not exist. Make one with: head -c 32 /dev/urandom | base64 > {path}; chmod 600 {path}");
        var text = File.ReadAllText(path).Trim();
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length < MinimumBytes)
            throw new InvalidDataException($"The job secret {path} has {bytes.Length} bytes; at least {MinimumBytes} are needed.");
        return new JobSecret(bytes);
    }

    /// <summary>Writes the secret to a file that only its owner may read. The file must not exist.</summary>
    public void Save(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using var stream = new FileStream(path, options);
        stream.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(_key)));
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
