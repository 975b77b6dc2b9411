using Gemini.Silo.Configuration;
using Gemini.Silo.Hosting;
using Gemini.Silo.Memory;
using Gemini.Silo.Persistence;
using Gemini.Silo.Registration;
using Gemini.Silo.Trainers;
using Gemini.Silo.Transfer;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Gemini.Silo.Tests.Registration;

/// <summary>How the registration of a room (a folder of the code) treats its options.</summary>
public sealed class RoomOptionsTests
{
    [Fact]
    public void SoundOptions_AreWhatServicesGet()
    {
        var options = new TransferOptions { ConnectionsMaximum = 7 };
        using var services = new ServiceCollection().AddGeminiTransfer(new("host-a"), options).BuildServiceProvider();

        SiloHost.ValidateOptions(services);

        Assert.Same(options, services.GetRequiredService<IOptions<TransferOptions>>().Value);
    }

    [Fact]
    public void SecondRegistration_ChangesNothing()
    {
        var options = new HostMemoryOptions { LimitBytes = 1 };
        using var services = new ServiceCollection().AddGeminiMemory(options).AddGeminiMemory(new HostMemoryOptions()).BuildServiceProvider();

        Assert.Same(options, services.GetRequiredService<IOptions<HostMemoryOptions>>().Value);
    }

    /// <summary>For each room: options that break a rule do not reach a service, and the host does not start.</summary>
    [Theory]
    [InlineData("advanced.memory.limitBytes is 0")]
    [InlineData("advanced.scrub.periodSeconds is 0")]
    [InlineData("advanced.transfer.slotWaitSeconds is 0")]
    [InlineData("advanced.storage.lookPeriodSeconds is 0")]
    [InlineData("advanced.trainer.exitGraceSeconds is 0")]
    public void OptionsThatBreakARule_AreRefusedAtTheStart(string expected)
    {
        var services = new ServiceCollection();
        _ = expected.Split('.')[1] switch
        {
            "memory" => services.AddGeminiMemory(new HostMemoryOptions { LimitBytes = 0 }),
            "scrub" => services.AddGeminiScrub(new ScrubOptions { Period = TimeSpan.Zero }),
            "transfer" => services.AddGeminiTransfer(new("host-a"), new TransferOptions { SlotWait = TimeSpan.Zero }),
            "storage" => services.AddGeminiPersistence(null, new PersistenceOptions { LookPeriod = TimeSpan.Zero }),
            _ => services.AddGeminiTrainers(new("host-a"), new TrainerOptions(new TrainerLimits { ExitGrace = TimeSpan.Zero })
            {
                Command = "x",
                LogDirectory = "x",
                Gateway = "x",
                ClusterId = "x",
                ServiceId = "x",
            }),
        };
        using var provider = services.BuildServiceProvider();

        Assert.Contains(expected, Assert.Throws<BadInputException>(() => SiloHost.ValidateOptions(provider)).Message);
    }

    [Fact]
    public void ConfigurationThatBreaksARule_IsRefusedAtTheStartToo()
    {
        using var services = new ServiceCollection().AddRoomOptions(new HostConfiguration(), HostConfigurationValidator.Validate).BuildServiceProvider();

        Assert.Contains("job.name is missing", Assert.Throws<BadInputException>(() => SiloHost.ValidateOptions(services)).Message);
    }
}
