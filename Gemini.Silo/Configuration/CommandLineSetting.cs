namespace Gemini.Silo.Configuration;

/// <summary>A property that the command line sets.</summary>
/// <param name="Property">Its name, such as "host.siloPort".</param>
/// <param name="Value">Its value; lists and maps are JSON.</param>
/// <param name="Option">The option that says it, for messages.</param>
internal sealed record CommandLineSetting(string Property, string Value, string Option);
