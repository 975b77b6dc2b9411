using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Transfer;

/// <summary>
/// The mutual proof at the start of every connection: hello (client's nonce) → challenge (server's nonce) → client's proof → server's proof. A peer
/// that fails gets no answer: the connection ends.
/// </summary>
internal sealed class DataHandshake(JobSecret secret, string job, TimeSpan timeout)
{
    private readonly MutualProof _proof = MutualProof.OfDataPort(secret, job);

    /// <summary>The accepting side. Null if the peer has proved itself; otherwise why it is refused.</summary>
    /// <param name="connection">The connection with the peer.</param>
    /// <param name="tryAdmit">Called after the peer has proved itself: whether there is room for it.</param>
    public async Task<string?> AcceptAsync(DataConnection connection, Func<bool> tryAdmit)
    {
        connection.Arm(timeout);
        await connection.ReceiveFrameAsync(DataPortHello.SizeBytes);
        if (DataPortHello.Check(connection.ReceivedFrame, job) is { } problem) return problem;
        var peerNonce = DataPortHello.Nonce(connection.ReceivedFrame).ToArray();
        var ownNonce = MutualProof.NewNonce();
        await connection.SendAsync(ownNonce);
        await connection.ReceiveFrameAsync(JobSecret.ProofBytes);
        var proof = connection.ReceivedFrame[..JobSecret.ProofBytes];
        if (!_proof.IsProof(proof, HandshakeRole.Client, ownNonce, peerNonce)) return "it does not know the job's secret";
        if (!tryAdmit()) return "this port has reached its limit of connections";
        await connection.SendAsync(_proof.Prove(HandshakeRole.Server, peerNonce, ownNonce));
        return null;
    }

    /// <summary>The connecting side. Null if both sides have proved themselves; otherwise why not.</summary>
    public async Task<string?> ConnectAsync(DataConnection connection)
    {
        connection.Arm(timeout);
        var ownNonce = MutualProof.NewNonce();
        DataPortHello.Write(connection.SendFrame, job, ownNonce);
        await connection.SendFrameAsync(DataPortHello.SizeBytes);
        await connection.ReceiveFrameAsync(JobSecret.NonceBytes);
        var peerNonce = connection.ReceivedFrame[..JobSecret.NonceBytes].ToArray();
        await connection.SendAsync(_proof.Prove(HandshakeRole.Client, peerNonce, ownNonce));
        await connection.ReceiveFrameAsync(JobSecret.ProofBytes);
        var proof = connection.ReceivedFrame[..JobSecret.ProofBytes];
        return _proof.IsProof(proof, HandshakeRole.Server, ownNonce, peerNonce) ? null : "the peer does not know the job's secret";
    }
}
