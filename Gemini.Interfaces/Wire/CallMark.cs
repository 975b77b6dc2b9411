using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Gemini.Interfaces.Grains;

namespace Gemini.Interfaces.Wire;

/// <summary>
/// What trainers and silos put on their grain calls (in Orleans' request context) to prove what they are. Making a mark requires the job's secret.
/// The mark is the same on every call, so anyone who can read the connection can copy it.
/// </summary>
/// <remarks>
/// Orleans' own sender information is not enough: a client writes the sender into its calls itself, and silos also make calls from outside of grains.
/// </remarks>
public sealed class CallMark
{
    /// <summary>The mark's key in the request context.</summary>
    public const string Key = "gemini.mark";

    private readonly string _trainer;
    private readonly string _silo;

    /// <param name="secret">Of the job.</param>
    /// <param name="cluster">Orleans' name of the job's cluster: jobs that share a secret do not accept each other's marks.</param>
    public CallMark(JobSecret secret, string cluster) =>
        (_trainer, _silo) = (Make(secret, cluster, CallerKind.Trainer), Make(secret, cluster, CallerKind.Silo));

    /// <summary>The mark that a caller of this kind puts on its calls; null for <see cref="CallerKind.Anyone"/>.</summary>
    public string? Of(CallerKind caller) => caller switch
    {
        CallerKind.Trainer => _trainer,
        CallerKind.Silo => _silo,
        _ => null,
    };

    /// <summary>The kind that a caller has proved with the value under <see cref="Key"/>.</summary>
    public CallerKind CallerOf(object? mark) => mark switch
    {
        string text when AreEqual(text, _silo) => CallerKind.Silo,
        string text when AreEqual(text, _trainer) => CallerKind.Trainer,
        _ => CallerKind.Anyone,
    };

    private static string Make(JobSecret secret, string cluster, CallerKind caller) =>
        Convert.ToBase64String(secret.Authenticate(Encoding.UTF8.GetBytes($"Cgemini-call/1/{caller}/{cluster}"), [], []));

    /// <summary>Takes the same time for every wrong mark of the right length.</summary>
    private static bool AreEqual(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(one.AsSpan()), MemoryMarshal.AsBytes(other.AsSpan()));
}
