using System.Net;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Configuration;
using Gemini.Silo.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Gemini.Silo.Tests.Hosting;

/// <summary>The silo of a host as it is registered: where it listens, whom it serves, and how soon it gives up.</summary>
public sealed class SiloRegistrationTests
{
    [Theory]
    [InlineData("10.0.0.7", false, "127.0.0.1")]
    [InlineData("10.0.0.7", true, "0.0.0.0")]
    [InlineData("127.0.0.3", false, "127.0.0.3")]
    [InlineData("fd00::7", false, "::1")]
    public void Endpoints_ListenAtTheHostsAddress_AndTheGatewayOnlyAtLoopbackUnlessToldOtherwise(string address, bool remoteClients, string gateway)
    {
        using var host = Build(new HostIdentityConfiguration
        {
            Name = "a",
            Address = address,
            SiloPort = 11001,
            GatewayPort = 11002,
            RemoteClients = remoteClients,
        });
        var options = Get<EndpointOptions>(host);
        Assert.Equal((IPAddress.Parse(address), 11001, 11002), (options.AdvertisedIPAddress, options.SiloPort, options.GatewayPort));
        Assert.Equal(new IPEndPoint(IPAddress.Parse(gateway), 11002), options.GatewayListeningEndpoint);
    }

    [Fact]
    public void Names_AreOfTheJobAndTheHost()
    {
        using var host = Build();
        Assert.Equal(("gemini-job", "gemini-job"), (Get<ClusterOptions>(host).ClusterId, Get<ClusterOptions>(host).ServiceId));
        Assert.Equal("a", Get<SiloOptions>(host).SiloName);
    }

    /// <summary>Without the guard, everyone who reaches the gateway could change the job.</summary>
    [Fact]
    public void CallGuard_SeesEveryCallInBothDirections()
    {
        using var host = Build();
        var guard = host.Services.GetRequiredService<CallGuard>();
        Assert.Contains(guard, host.Services.GetServices<IIncomingGrainCallFilter>());
        Assert.Contains(guard, host.Services.GetServices<IOutgoingGrainCallFilter>());
    }

    /// <summary>A frozen host is noticed earlier with the fast profile. In both, two votes are needed, and a call does not wait longer than 5 s.</summary>
    [Theory]
    [InlineData(TimingProfile.Default, 3)]
    [InlineData(TimingProfile.Fast, 2)]
    public void Detection_FollowsTheProfile(TimingProfile timing, int missedProbes)
    {
        using var host = Build(timing: timing);
        var options = Get<ClusterMembershipOptions>(host);
        Assert.Equal((missedProbes, 2), (options.NumMissedProbesLimit, options.NumVotesForDeathDeclaration));
        Assert.Equal(TimeSpan.FromSeconds(5), Get<SiloMessagingOptions>(host).ResponseTimeout);
    }

    private static T Get<T>(IHost host)
        where T : class => host.Services.GetRequiredService<IOptions<T>>().Value;

    private static IHost Build(HostIdentityConfiguration? identity = null, TimingProfile timing = TimingProfile.Default)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddSingleton(new JobSecret("a secret for tests only"u8));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.UseOrleans(silo => silo.AddGeminiSilo(new HostConfiguration
        {
            Job = new JobConfiguration { Name = "job", Hosts = ["a", "b"] },
            Host = identity ?? new HostIdentityConfiguration { Name = "a" },
            Timing = timing,
        }));
        return builder.Build();
    }
}
