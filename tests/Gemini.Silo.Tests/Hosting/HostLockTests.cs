using Gemini.Silo.Configuration;
using Gemini.Silo.Hosting;

namespace Gemini.Silo.Tests.Hosting;

public sealed class HostLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Take_HeldByAnother_IsRefusedWithBothAddresses_AndFreeAfterIt()
    {
        var first = Configuration(siloPort: 11111);
        var second = Configuration(siloPort: 11200);

        using (HostLock.Take(first))
        {
            var error = Assert.Throws<BadInputException>(() => HostLock.Take(second));

            Assert.Contains("host.name is \"host-b\"", error.Message);
            Assert.Contains($"process {Environment.ProcessId}, at 127.0.0.1:11111", error.Message);
            Assert.Contains("127.0.0.1:11200", error.Message);
            Assert.Contains("Correct host.name", error.Message);
        }

        // A process that is just being started has the lock until it runs its program.
        await Wait.UntilAsync(() => Record.Exception(() => HostLock.Take(second).Dispose()) is null, "the lock to be free");
    }

    [Fact]
    public void Take_AnotherHostOfTheJob_IsFree()
    {
        using var first = HostLock.Take(Configuration(siloPort: 11111));
        using var other = HostLock.Take(Configuration(siloPort: 11111) with { Host = new() { Name = "host-c" } });
    }

    private HostConfiguration Configuration(int siloPort) => new()
    {
        Job = new() { Name = "job", Hosts = ["host-a", "host-b"] },
        Host = new() { Name = "host-b", SiloPort = siloPort },
        MemoryRoot = _folder.Path,
    };
}
