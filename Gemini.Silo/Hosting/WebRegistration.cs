using System.Net;
using Gemini.Silo.Configuration;
using Orleans.Dashboard;

namespace Gemini.Silo.Hosting;

/// <summary>The web page of a host.</summary>
internal static class WebRegistration
{
    public static void AddGeminiWeb(this IWebHostBuilder web, HostIdentityConfiguration host)
    {
        // Without a web port, the page listens on a free loopback port that nobody is told.
        var address = host.WebPort > 0 ? IPAddress.Parse(host.Address) : IPAddress.Loopback;
        web.ConfigureKestrel(kestrel => kestrel.Listen(address, host.WebPort));
    }

    public static void MapGeminiWeb(this WebApplication app)
    {
        app.MapOrleansDashboard("/orleans");
        app.MapGet("/", () => Results.Redirect("/orleans"));
    }
}
