namespace Gemini.Silo.Configuration;

/// <summary>What sets the value of a property. A later origin overrides an earlier one.</summary>
internal enum SettingOrigin
{
    /// <summary>Nothing sets it: the program's own default.</summary>
    Default,

    /// <summary>The configuration file.</summary>
    File,

    /// <summary>An environment variable.</summary>
    Environment,

    /// <summary>An option of the command line.</summary>
    CommandLine,
}
