using Gemini.Benchmarks.Emulation;
using Gemini.Benchmarks.Overhead;
using Gemini.Interfaces.Presets;

namespace Gemini.Benchmarks.Tests.Emulation;

public sealed class PublishedModelTests
{
    private const int Hosts = 4;
    private static readonly ModelShape Shape = ModelPresets.Get("gpt2-tiny");

    public static TheoryData<string> Emulated => [.. OverheadLoad.All.Where(load => load.Source is not null).Select(load => load.Name)];

    [Theory, MemberData(nameof(Emulated))]
    public void Scaled_KeepsThePublishedProportions(string name)
    {
        var load = OverheadLoad.All.Single(load => load.Name == name);
        var (model, source) = (load.Scaled(10)!, load.Source!);
        Assert.Equal(source.Checkpoint / 10, model.Checkpoint);
        Assert.Equal((source.Iteration - source.Idle) / 10, model.Iteration - model.Idle);
        Assert.Equal(load.IdleOfNeeded * model.Checkpoint ?? source.Idle / 10, model.Idle);
    }

    [Theory, MemberData(nameof(Emulated))]
    public void Profile_WaitsAsLongAsTheNetworkIsIdle_AndMovesAboutAsManyBytesAsTheRestOfTheIterationTakes(string name)
    {
        var model = OverheadLoad.All.Single(load => load.Name == name).Scaled(10)!;
        var profile = model.ProfileFor(Shape, Hosts);
        var phase = profile.At(1_000_000);
        Assert.InRange(phase.Total - model.Idle, TimeSpan.FromTicks(-Shape.Layers), TimeSpan.FromTicks(Shape.Layers));
        Assert.Equal((Shape.Layers, Shape.Layers), (phase.Forward.Length, phase.Backward.Length));

        // Two gathers and one scatter of all fp32 parameters; a host sends its part N - 1 times.
        var trainingBytes = profile.Repeats * 3 * 4.0 * Shape.ParameterCount * (Hosts - 1) / Hosts;
        var busy = TimeSpan.FromSeconds(8 * trainingBytes / model.LinkBitsPerSecond(Shape, Hosts));
        Assert.InRange(busy / (model.Iteration - model.Idle), 0.9, 1.1);
    }

    [Fact]
    public void Profile_ThatMoves_HasTheSameIdleTime_AndNoSpanAtTheBegin()
    {
        var profile = PublishedModel.Gpt2Of40BOnP3dn.ProfileFor(Shape, Hosts, moveAt: 25);
        var (before, after) = (profile.At(24), profile.At(25));
        Assert.Equal(before.Total, after.Total);
        Assert.Equal(TimeSpan.Zero, after.Embed);
        Assert.True(after.Head > before.Embed);
    }

    [Fact]
    public void Phases_AreChosenByTheIteration_AndAFileKeepsThem()
    {
        var first = PublishedModel.Gpt2Of40BOnP3dn.ProfileFor(Shape, Hosts);
        var profile = first with { Phases = [first.Phases[0], first.Phases[0] with { From = 7, Jitter = 0 }] };
        var path = Path.GetTempFileName();
        try
        {
            profile.Save(path);
            var read = EmulationProfile.Load(path);
            Assert.Equal(profile.Repeats, read.Repeats);
            Assert.Equal((0, 0, 7, 7), (read.At(0).From, read.At(6).From, read.At(7).From, read.At(8).From));
            Assert.Equal(profile.Phases[1].Backward, read.Phases[1].Backward);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
