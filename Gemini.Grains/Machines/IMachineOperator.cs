namespace Gemini.Grains.Machines;

/// <summary>
/// The seam to whoever has machines: a cluster manager, a script, a person. Asked for one host at a time, it brings up a machine
/// on which that host runs (or, if it cannot, any other host of the job: that one joins as a standby).
/// </summary>
/// <remarks>
/// <para><b>It is asked more than once.</b> A root agent that comes up elsewhere asks anew, also while its predecessor's call may
/// still be going on, and every failed attempt is followed by another one. So an operator must not bring up two machines for one
/// host, nor take the new one for the lost one: whatever it finds under the host's name that is younger than
/// <see cref="MachineOrder.MissingFor"/> is what an earlier call brought, and is waited for.</para>
/// <para><b>It ends.</b> <see cref="MachineCall"/> cancels it when the time of the order is over; it then ends soon, and leaves
/// nothing running that works on this order.</para>
/// </remarks>
public interface IMachineOperator
{
    /// <summary>Brings up a machine for one host.</summary>
    /// <param name="order">What is wanted.</param>
    /// <param name="say">Takes lines for people, at any time and on any thread, until the call ends.</param>
    /// <param name="ct">Gives the order up.</param>
    /// <returns>Accepted once the machine is up, or as far up as the operator can see; its host joins by itself. Otherwise why not.</returns>
    Task<MachineOutcome> BringUpAsync(MachineOrder order, Action<string> say, CancellationToken ct);
}
