using Gemini.Interfaces.Model;

namespace Gemini.Silo.Lab.Demo;

/// <summary>What a person sees of a running demo.</summary>
internal interface IDemoDisplay : IAsyncDisposable
{
    /// <summary>Something happened. Any thread.</summary>
    void Say(string line);

    /// <summary>The newest status.</summary>
    void Show(JobStatus status);
}
