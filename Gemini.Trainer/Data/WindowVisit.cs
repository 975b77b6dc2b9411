namespace Gemini.Trainer.Data;

/// <summary>That a window of the text is a sample.</summary>
/// <param name="Window">The window, from 0.</param>
/// <param name="Pass">The passes over the whole text before this one.</param>
internal readonly record struct WindowVisit(long Window, long Pass);
