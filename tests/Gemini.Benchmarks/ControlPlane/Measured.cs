namespace Gemini.Benchmarks.ControlPlane;

/// <summary>What a <see cref="Meter"/> has measured.</summary>
/// <param name="Count">How often.</param>
/// <param name="Total">All together.</param>
/// <param name="Longest">The longest one.</param>
/// <param name="Bytes">Allocated by all together.</param>
internal readonly record struct Measured(int Count, TimeSpan Total, TimeSpan Longest, long Bytes);
