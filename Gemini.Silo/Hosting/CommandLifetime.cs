namespace Gemini.Silo.Hosting;

/// <summary>
/// Takes the place of the framework's own lifetime, which would stop the host at the first signal. <see cref="StopSignals"/> decide here.
/// </summary>
internal sealed class CommandLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
