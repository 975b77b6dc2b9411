namespace Gemini.Silo.Hosting;

/// <summary>Replaces the framework's own lifetime, which would stop the host at the first signal. Here <see cref="StopSignals"/> decide.</summary>
internal sealed class CommandLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
