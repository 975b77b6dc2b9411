namespace Gemini.Interfaces.Grains;

/// <summary>
/// The worker agent of one host (paper §3.2), as a grain. Key: the host's name. Always placed on that host's silo; while the silo is down, every call
/// fails with <see cref="HostUnavailableException"/>.
/// </summary>
[Alias("gemini.IWorkerAgent")]
public interface IWorkerAgent : IWorkerService, IGrainWithStringKey;
