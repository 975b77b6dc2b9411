using Gemini.Trainer.Client.Native;

[assembly: AssemblyFixture(typeof(Gemini.Benchmarks.Tests.TorchFixture))]

namespace Gemini.Benchmarks.Tests;

/// <summary>Makes torch loadable before the first test uses it.</summary>
public sealed class TorchFixture
{
    public TorchFixture() => TorchNative.Start();
}
