namespace Gemini.Grains.Machines;

/// <summary>
/// The interface to the provider of machines: a cluster manager, a script or a person. It is asked for one host at a time and brings up a machine on
/// which this host runs. If it cannot, it may bring up any other host of the job instead; that host joins as a standby.
/// </summary>
/// <remarks>
/// <para><b>It is asked more than once.</b> Every failed attempt is followed by another one, and a new root agent asks again, perhaps while the earlier
/// root agent's call still runs. So an operator must not bring up two machines for one host, and must not take the new machine for the lost one: a
/// machine under the host's name that is younger than <see cref="MachineOrder.MissingFor"/> came from an earlier call. The operator waits for it.</para>
/// <para><b>It ends.</b> <see cref="MachineCall"/> cancels the call when the order's limit is over. The operator then ends soon, and leaves nothing
/// running that works on this order.</para>
/// </remarks>
public interface IMachineOperator
{
    /// <summary>Brings up a machine for one host.</summary>
    /// <param name="order">The host, and the limits of the attempt.</param>
    /// <param name="say">Receives lines for people, at any time and on any thread, until the call ends.</param>
    /// <param name="ct">Cancels the order.</param>
    /// <returns>Accepted once the machine is up, as far as the operator can see; its host joins by itself. Otherwise the reason why it is not up.</returns>
    Task<MachineOutcome> BringUpAsync(MachineOrder order, Action<string> say, CancellationToken ct);
}
