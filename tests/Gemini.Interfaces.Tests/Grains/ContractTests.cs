using System.Collections;
using System.Reflection;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Serialization;

namespace Gemini.Interfaces.Tests.Grains;

/// <summary>What hosts, trainers and the root agent tell each other, in Orleans' own format.</summary>
public sealed class ContractTests
{
    private static readonly Type[] Contracts =
        [.. typeof(HostReport).Assembly.GetTypes().Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))];

    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();
    private int _next;

    private Serializer Serializer => _services.GetRequiredService<Serializer>();

    public static TheoryData<string> Names => [.. Contracts.Where(type => !type.IsSubclassOf(typeof(Exception))).Select(type => type.Name)];

    /// <summary>A property without an id arrives empty. Here each has a value that no other has.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Contract_EveryPropertyIsSet_ArrivesWhole(string name)
    {
        var sent = Filled(Contracts.Single(type => type.Name == name));
        var received = Serializer.Deserialize<object>(Serializer.SerializeToArray(sent));
        Assert.Equal(Describe(sent), Describe(received));
    }

    [Fact]
    public void Exceptions_ArriveWithMessageAndContent()
    {
        var taken = Received(new HostNameTakenException("two processes", isDisplaced: true));
        Assert.Equal(("two processes", true), (taken.Message, taken.IsDisplaced));
        var away = Received(new HostUnavailableException(new HostName("a")));
        Assert.Equal(("Host a has no live silo.", new HostName("a")), (away.Message, away.Host));
        Assert.Equal("why", Received(new JobMismatchException("why")).Message);
        Assert.Equal("why", Received(new RootUnavailableException("why")).Message);
        Assert.Equal("why", Received(new InvariantViolatedException("why")).Message);
    }

    /// <summary>An alias is the type's name between two versions of this program, so it may not be that of another type.</summary>
    [Fact]
    public void Aliases_AreUniqueAndOwn()
    {
        var aliases = Contracts.Select(type => type.GetCustomAttribute<AliasAttribute>()?.Alias).ToList();
        Assert.True(Contracts.Length > 40);
        Assert.All(aliases, alias => Assert.StartsWith("gemini.", alias, StringComparison.Ordinal));
        Assert.Equal(aliases.Count, aliases.Distinct().Count());
    }

    [Fact]
    public void Contracts_AreThoseOfThePinnedText() =>
        ContractText.AssertIsPinned(typeof(HostReport).Assembly, "tests/Gemini.Interfaces.Tests/Grains/contracts.txt");

    /// <summary>A record that comes without a property, from an earlier version, must not have a list that throws when it is read.</summary>
    [Fact]
    public void Lists_NotSet_AreEmpty()
    {
        var report = new HostReport { Host = new("a"), Incarnation = 1, Sequence = 2, SpecFingerprint = "", DataEndpoint = "" };
        var received = Serializer.Deserialize<HostReport>(Serializer.SerializeToArray(report))!;
        Assert.Equal((0, 0, 0), (received.Trainers.Length, received.Replicas.Length, received.Labels.Length));
        Assert.Equal(Describe(report), Describe(received));
    }

    private T Received<T>(T sent)
        where T : Exception => Assert.IsType<T>(Serializer.Deserialize<Exception>(Serializer.SerializeToArray<Exception>(sent)));

    /// <summary>A value of the type in which every settable property differs from its default.</summary>
    private object Filled(Type type)
    {
        _next++;
        if (Nullable.GetUnderlyingType(type) is { } inner) return Filled(inner);
        if (type == typeof(string)) return $"text {_next}";
        if (type == typeof(bool)) return true;
        if (type == typeof(Guid)) return new Guid(_next, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        if (type == typeof(TimeSpan)) return TimeSpan.FromSeconds(_next);
        if (type.IsEnum) return Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1)!;
        if (type.IsPrimitive) return Convert.ChangeType(_next, type, null);
        if (type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type)) return FilledCollection(type);
        var constructor = type.GetConstructors().Where(each => each.GetParameters() is not [{ } only] || only.ParameterType != type)
            .OrderByDescending(each => each.GetParameters().Length).FirstOrDefault();
        var made = constructor is null
            ? Activator.CreateInstance(type)!
            : constructor.Invoke([.. constructor.GetParameters().Select(parameter => Filled(parameter.ParameterType))]);
        foreach (var property in Settable(type)) property.SetValue(made, Filled(property.PropertyType));
        return made;
    }

    private object FilledCollection(Type type)
    {
        var arguments = type.GetGenericArguments();
        var empty = type.GetField("Empty")!.GetValue(null)!;
        var add = type.GetMethod("Add", arguments)!;
        for (var item = 0; item < 2; item++) empty = add.Invoke(empty, [.. arguments.Select(Filled)])!;
        return empty;
    }

    private static IEnumerable<PropertyInfo> Settable(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite);

    /// <summary>The whole content as a text, with the types of the values.</summary>
    private static string Describe(object? value) => value switch
    {
        null => "null",
        string or Guid or TimeSpan or Enum => $"{value}",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object>().Select(Describe).Order(StringComparer.Ordinal))}]",
        _ when value.GetType().IsPrimitive => $"{value}",
        _ => $"{value.GetType().Name}({string.Join(", ", Readable(value.GetType()).Select(property => $"{property.Name}={Describe(property.GetValue(value))}"))})",
    };

    private static IEnumerable<PropertyInfo> Readable(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>)
        ? type.GetProperties()
        : Settable(type);
}
