using Gemini.Grains.Hosts;
using Gemini.Silo.Configuration;
using Gemini.Silo.Hosting;

namespace Gemini.Silo.Tests.Hosting;

/// <summary>The exit code says whether another start can help.</summary>
public sealed class HostEndTests
{
    [Fact]
    public void RefusedHost_EndsWithTheCodeOfBadInput() =>
        Assert.Equal(ExitCodes.BadInput, SiloHost.ExitCodeOf(new HostLoopEnd("Host a is configured for another job.", IsRefusal: true)));

    [Fact]
    public void LoopThatEnded_EndsTheHostWithTheCodeOfAFailure() =>
        Assert.Equal(ExitCodes.Failed, SiloHost.ExitCodeOf(new HostLoopEnd("Reporting has ended: a bug", IsRefusal: false)));
}
