using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosts;

/// <summary>The host's other repeated work: the loops that a test gives it.</summary>
internal sealed class BackgroundDouble : IBackgroundWork
{
    public event Action? Changed;

    public ScrubReport Scrub { get; private set; } = new();

    public TransferReport Transfers { get; } = new(SentBytes: 7);

    public long ManagedBytes => 11;

    public IEnumerable<HostLoop> Loops { get; set; } = [];

    public void Tell(ScrubReport scrub)
    {
        Scrub = scrub;
        Changed?.Invoke();
    }
}
