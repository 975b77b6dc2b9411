using System.Net;
using System.Net.NetworkInformation;
using Gemini.Silo.Configuration;
using Orleans.Messaging;

namespace Gemini.Silo.Status;

/// <summary>
/// Chooses the gateways that a client on this machine uses. By default a gateway listens on loopback, but the membership has the host's address. So
/// gateways of this machine are reached by loopback. Gateways of other machines are used only if this machine has none.
/// </summary>
internal sealed class LocalGateways(IGatewayListProvider members) : IGatewayListProvider
{
    public TimeSpan MaxStaleness => members.MaxStaleness;

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => members.InitializeGatewayListProvider();

    public async Task<IList<Uri>> GetGateways() => Choose(await members.GetGateways(), OwnAddresses());

    /// <summary>Wraps the client's gateway list, whatever its type.</summary>
    public static void Use(IServiceCollection services)
    {
        var registered = services.Last(service => service.ServiceType == typeof(IGatewayListProvider));
        services.Remove(registered);
        services.AddSingleton<IGatewayListProvider>(provider => new LocalGateways(
            (IGatewayListProvider)ActivatorUtilities.CreateInstance(provider, registered.ImplementationType!)));
    }

    internal static IList<Uri> Choose(IList<Uri> gateways, IReadOnlySet<IPAddress> ownAddresses)
    {
        List<Uri> local = [.. gateways.Where(gateway => IsOwn(AddressOf(gateway))).Select(Local)];
        return local.Count > 0 ? local : gateways;

        bool IsOwn(IPAddress address) => IPAddress.IsLoopback(address) || ownAddresses.Contains(address);
    }

    private static IPAddress AddressOf(Uri gateway) => IPAddress.Parse(gateway.DnsSafeHost);

    private static Uri Local(Uri gateway) => new UriBuilder(gateway) { Host = HostIdentityConfiguration.LocalAddress(AddressOf(gateway)).ToString() }.Uri;

    private static HashSet<IPAddress> OwnAddresses() =>
        [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(own => own.Address)];
}
