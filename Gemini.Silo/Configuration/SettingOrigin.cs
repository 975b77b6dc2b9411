namespace Gemini.Silo.Configuration;

/// <summary>Who says what the value of a property is. A later one counts.</summary>
internal enum SettingOrigin
{
    /// <summary>Nobody: the program's own default.</summary>
    Default,

    /// <summary>The configuration file.</summary>
    File,

    /// <summary>An environment variable.</summary>
    Environment,

    /// <summary>An option of the command line.</summary>
    CommandLine,
}
