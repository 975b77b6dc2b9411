namespace Gemini.Silo.Commands;

/// <summary>How <c>gemini status</c> writes its answer.</summary>
internal enum StatusFormat
{
    /// <summary>Tables, for people.</summary>
    Text,

    /// <summary>One line, for people and for a prompt.</summary>
    Brief,

    /// <summary>For tools.</summary>
    Json,
}
