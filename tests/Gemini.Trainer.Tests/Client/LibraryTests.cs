using System.Reflection;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client;

/// <summary>The library to which a user's program refers needs nothing else. deploy/samples/MyLoop is built with it alone.</summary>
public sealed class LibraryTests
{
    private static readonly Assembly Library = typeof(GeminiSession).Assembly;

    [Fact]
    public void References_AreTheContractsOrleansAndTorch()
    {
        string[] families = ["Gemini.Interfaces", "Orleans", "TorchSharp", "Microsoft.Extensions", "System"];
        var strangers = Library.GetReferencedAssemblies().Select(reference => reference.Name!).Where(name => !families.Any(family => IsOf(name, family)));
        Assert.Empty(strangers);
        Assert.DoesNotContain(Library.GetReferencedAssemblies(), reference => reference.Name == "System.CommandLine");
    }

    [Fact]
    public void TheTrainer_RefersToTheLibraryAndNotTheOtherWay()
    {
        Assert.Contains(typeof(TrainingLoop).Assembly.GetReferencedAssemblies(), reference => reference.Name == Library.GetName().Name);
        Assert.Empty(typeof(TrainingLoop).Assembly.GetExportedTypes());
    }

    /// <summary>A new public type is a promise to users.</summary>
    [Fact]
    public void PublicTypes_AreWhatAUsersLoopNeeds() => Assert.Equal(
        [
            "CollectiveAbortedException", "CollectiveException", "EpochEndedException", "GeminiOptions", "GeminiSession", "NetworkBusyScope", "PeerLostException", "Ring",
            "RingListener", "RingRefusedException", "SafetensorsType", "SaveHandle", "SaveOutcome", "SessionEndedException", "SessionRing", "TorchNative",
            "TrainingState", "WaitMeter",
        ],
        Library.GetExportedTypes().Select(type => type.Name).Order(StringComparer.Ordinal));

    /// <summary>Users set neither how a process was started nor anything about drills.</summary>
    [Fact]
    public void Options_NameNeitherSparesNorDrills()
    {
        var names = typeof(GeminiOptions).GetProperties().Select(property => property.Name).ToList();
        Assert.Contains(nameof(GeminiOptions.SocketPath), names);
        Assert.DoesNotContain(names, name => name is nameof(LaunchOptions.DrillSocket) or nameof(LaunchOptions.Spare) or nameof(LaunchOptions.Warm));
    }

    private static bool IsOf(string assembly, string family) => assembly == family || assembly.StartsWith(family + ".", StringComparison.Ordinal);
}
