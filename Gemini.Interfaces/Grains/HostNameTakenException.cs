namespace Gemini.Interfaces.Grains;

/// <summary>
/// Two silo processes at two addresses report under one host name. The older process keeps the name as long as it reports and the cluster does not
/// declare it dead.
/// </summary>
/// <param name="message">One line with the name and both addresses.</param>
/// <param name="isDisplaced">
/// Whether this exception goes to the older process, because the newer one has replaced it. The older process cannot get the name back.
/// </param>
[GenerateSerializer, Alias("gemini.HostNameTakenException")]
public sealed class HostNameTakenException(string message, bool isDisplaced) : Exception(message)
{
    [Id(0)] public bool IsDisplaced { get; } = isDisplaced;
}
