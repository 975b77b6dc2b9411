using System.Globalization;
using Gemini.Silo.Hosting;

namespace Gemini.Silo.Tests.Hosting;

public sealed class HostLoggingTests
{
    /// <summary>Also where hours and minutes are parted by another mark.</summary>
    [Fact]
    public void Line_BeginsWithInstantAndHost()
    {
        var instant = new DateTimeOffset(2026, 11, 25, 9, 8, 7, 65, TimeSpan.Zero);
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (culture.DateTimeFormat.TimeSeparator, culture.DateTimeFormat.DateSeparator) = (".", " ");

        Assert.Equal("2026-11-25T09:08:07.065Z host-a ", instant.ToString(HostLogging.LineFormat("host-a"), culture));
    }
}
