namespace Gemini.Silo.Transfer;

/// <summary>The data port cannot be opened. The message names the port and what helps.</summary>
internal sealed class DataPortException(string message, Exception inner) : Exception(message, inner);
