namespace Gemini.Interfaces.Wire;

/// <summary>Constants of the data port's protocol; <c>WIRE.md</c> describes it.</summary>
public static class DataPortProtocol
{
    /// <summary>"GEMINIDP", read as a little-endian integer.</summary>
    public const ulong Magic = 0x5044_494E_494D_4547;

    /// <summary>Grows with every incompatible change. Peers of another version are refused.</summary>
    public const int Version = 1;

    /// <summary>Bytes reserved for the job's name in <see cref="DataPortHello"/>, its terminating zero included.</summary>
    public const int JobNameFieldBytes = 64;

    /// <summary>The context of this protocol's proofs: a proof for another protocol, version or job is invalid here.</summary>
    public static string ProofContext(string job) => $"gemini-data-port/{Version}/{job}";
}
