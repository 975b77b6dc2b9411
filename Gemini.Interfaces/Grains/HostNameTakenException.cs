namespace Gemini.Interfaces.Grains;

/// <summary>
/// Two silo processes at two addresses report under one host name. The older one keeps the name as long as it reports and the
/// cluster does not hold it for dead.
/// </summary>
/// <param name="message">One line with the name and both addresses.</param>
/// <param name="isDisplaced">Whether the one that is told so is the older one, which lost its place: it cannot get it back.</param>
[GenerateSerializer, Alias("gemini.HostNameTakenException")]
public sealed class HostNameTakenException(string message, bool isDisplaced) : Exception(message)
{
    [Id(0)] public bool IsDisplaced { get; } = isDisplaced;
}
