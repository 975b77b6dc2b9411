using Gemini.Trainer.Client.Native;
using TorchSharp;

namespace Gemini.Trainer.Tests.Client.Native;

[Collection(TorchCollection.Name)]
public sealed class TorchNativeTests
{
    [Fact]
    public void Start_OnThisSystem_MakesTensorsWork()
    {
        TorchNative.Start();
        using var sum = torch.ones(3).sum();
        Assert.Equal(3f, sum.item<float>());
        Assert.Equal(1, torch.get_num_threads());
    }
}
