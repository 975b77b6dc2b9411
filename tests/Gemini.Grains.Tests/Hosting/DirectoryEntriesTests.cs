using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Gemini.Grains.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.GrainDirectory;

namespace Gemini.Grains.Tests.Hosting;

/// <summary>If a grain directory lost its entries, they are written again. If there are two activations, one leaves.</summary>
public sealed class DirectoryEntriesTests
{
    private readonly Directory _directory = new();
    private readonly DirectoryEntries _entries = new(NullLogger<DirectoryEntries>.Instance);

    [Fact]
    public async Task EntryIsLost_IsWrittenAgain_AndTheActivationStays()
    {
        var activation = Activation.Of(AnAddress());
        _entries.Add(activation.Context);

        await _entries.CheckAsync(_directory);
        await _entries.CheckAsync(_directory);

        Assert.Equal([activation.Address], _directory.Entries.Values);
        Assert.Equal((0, 1), (activation.Deactivations, _directory.Registrations));
    }

    [Fact]
    public async Task EntryIsAnothers_TheActivationLeaves_AndTheEntryStays()
    {
        var (activation, other) = (Activation.Of(AnAddress()), AnAddress());
        await _directory.Register(other);
        _entries.Add(activation.Context);

        await _entries.CheckAsync(_directory);

        Assert.Equal([other], _directory.Entries.Values);
        Assert.Equal(1, activation.Deactivations);
    }

    [Fact]
    public async Task AnotherIsWrittenBetweenLookAndWrite_TheActivationLeaves()
    {
        var (activation, other) = (Activation.Of(AnAddress()), AnAddress());
        _directory.BeforeRegister = () => _directory.Entries[other.GrainId] = other;
        _entries.Add(activation.Context);

        await _entries.CheckAsync(_directory);

        Assert.Equal([other], _directory.Entries.Values);
        Assert.Equal(1, activation.Deactivations);
    }

    [Fact]
    public async Task IsReplaced_OnlyIfAnotherIsInTheDirectory()
    {
        var (one, other) = (Activation.Of(AnAddress()), Activation.Of(AnAddress()));
        _entries.Add(one.Context);
        _entries.Add(other.Context);

        Assert.False(await _entries.IsReplacedAsync(_directory, one.Context));
        Assert.True(await _entries.IsReplacedAsync(_directory, other.Context));

        Assert.Equal([one.Address], _directory.Entries.Values);
        Assert.Equal((0, 0), (one.Deactivations, other.Deactivations));
    }

    [Fact]
    public async Task ActivationWentDown_IsNotWritten()
    {
        var activation = Activation.Of(AnAddress());
        _entries.Add(activation.Context);
        _entries.Remove(activation.Context);

        await _entries.CheckAsync(_directory);

        Assert.Empty(_directory.Entries);
    }

    /// <summary>Orleans removed the entry just before it was written again. Without this check, no one would remove it any more.</summary>
    [Fact]
    public async Task ActivationGoesDownWhileItIsWritten_IsTakenOutAgain()
    {
        var activation = Activation.Of(AnAddress());
        _directory.BeforeRegister = () => _entries.Remove(activation.Context);
        _entries.Add(activation.Context);

        await _entries.CheckAsync(_directory);

        Assert.Empty(_directory.Entries);
    }

    private static GrainAddress AnAddress() => new()
    {
        GrainId = GrainId.Create("rootagent", "job"),
        ActivationId = ActivationId.NewId(),
        SiloAddress = SiloAddress.New(System.Net.IPAddress.Loopback, 1001, 5),
    };

    /// <summary>An activation that only has an address. It counts how often it is told to leave.</summary>
    [SuppressMessage("Performance", "CA1852", Justification = "DispatchProxy derives a type from it.")]
    private class Activation : DispatchProxy
    {
        public GrainAddress Address { get; private set; } = null!;

        public int Deactivations { get; private set; }

        public IGrainContext Context => (IGrainContext)(object)this;

        public static Activation Of(GrainAddress address)
        {
            var activation = (Activation)(object)Create<IGrainContext, Activation>();
            activation.Address = address;
            return activation;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            switch (targetMethod!.Name)
            {
                case "get_Address": return Address;
                case nameof(IGrainContext.Deactivate): Deactivations++; return null;
                case nameof(IEquatable<IGrainContext>.Equals): return ReferenceEquals(this, args![0]);
                case nameof(GetHashCode): return GetHashCode();
                default: throw new NotSupportedException(targetMethod.Name);
            }
        }
    }

    private sealed class Directory : IGrainDirectory
    {
        public Dictionary<GrainId, GrainAddress> Entries { get; } = [];

        public int Registrations { get; private set; }

        public Action BeforeRegister { get; set; } = () => { };

        public Task<GrainAddress?> Register(GrainAddress address) => Register(address, null);

        public Task<GrainAddress?> Register(GrainAddress address, GrainAddress? previousAddress)
        {
            BeforeRegister();
            Registrations++;
            Entries.TryAdd(address.GrainId, address);
            return Task.FromResult<GrainAddress?>(Entries[address.GrainId]);
        }

        public Task Unregister(GrainAddress address)
        {
            if (Entries.GetValueOrDefault(address.GrainId)?.ActivationId.Equals(address.ActivationId) == true) Entries.Remove(address.GrainId);
            return Task.CompletedTask;
        }

        public Task<GrainAddress?> Lookup(GrainId grainId) => Task.FromResult(Entries.GetValueOrDefault(grainId));

        public Task UnregisterSilos(List<SiloAddress> siloAddresses) => Task.CompletedTask;
    }
}
