using System.Reflection;

namespace Gemini.Testing;

/// <summary>
/// The grain contracts of an assembly as text: the aliases and ids by which two versions of this program understand each other, and by which a record
/// in Redis is read again after an upgrade.
/// </summary>
internal static class ContractText
{
    /// <summary>Each contract with its alias, and below it one line for each member with its id, or for each method with its alias.</summary>
    public static string Of(Assembly assembly) => string.Concat(assembly.GetTypes()
        .Where(type => AliasOf(type) is not null)
        .OrderBy(AliasOf, StringComparer.Ordinal)
        .Select(type => $"{AliasOf(type)}\n{string.Concat(Members(type).Select(member => $"  {member}\n"))}"));

    /// <summary>Compares with the pinned text. If they differ, the new text is beside the test's assembly, to be copied if the change is meant.</summary>
    /// <param name="assembly">The assembly with the contracts.</param>
    /// <param name="pinned">The file in the repository.</param>
    public static void AssertIsPinned(Assembly assembly, string pinned)
    {
        var found = Of(assembly);
        var written = Path.Combine(AppContext.BaseDirectory, Path.GetFileName(pinned));
        File.WriteAllText(written, found);
        var expected = File.ReadAllText(Repository.PathOf(pinned));
        if (found == expected) return;
        string[] gone = [.. expected.Split('\n').Except(found.Split('\n'))], added = [.. found.Split('\n').Except(expected.Split('\n'))];
        Assert.Fail($"The contracts differ from {pinned}. A changed id or alias breaks a cluster in which hosts have two versions, and a record in Redis."
            + $" If that is meant, copy {written} there.\nGone: {string.Join(" | ", gone)}\nNew: {string.Join(" | ", added)}");
    }

    private static string? AliasOf(Type type) => Attribute(type, "Orleans.AliasAttribute")?.ConstructorArguments[0].Value as string;

    private static IEnumerable<string> Members(Type type) => type.IsInterface
        ? type.GetMethods().OrderBy(method => method.Name, StringComparer.Ordinal).Select(Method)
        : type.IsEnum
            ? Enum.GetNames(type).Select(name => $"{Convert.ToInt64(Enum.Parse(type, name), null)} {name}")
            : Numbered(type) is [_, ..] numbered ? numbered : Positional(type);

    private static string Method(MethodInfo method)
    {
        var alias = Attribute(method, "Orleans.AliasAttribute")?.ConstructorArguments[0].Value as string ?? "-";
        return $"{alias}: {method.Name}({string.Join(", ", method.GetParameters().Select(parameter => Name(parameter.ParameterType)))}) -> {Name(method.ReturnType)}";
    }

    private static List<string> Numbered(Type type) => [.. type
        .GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(member => member is PropertyInfo or FieldInfo)
        .Select(member => (Id: Attribute(member, "Orleans.IdAttribute")?.ConstructorArguments[0].Value, Member: member))
        .Where(entry => entry.Id is not null)
        .Select(entry => (Id: Convert.ToInt32(entry.Id, null), entry.Member))
        .OrderBy(entry => entry.Id)
        .Select(entry => $"{entry.Id} {entry.Member.Name} {Name((entry.Member as PropertyInfo)?.PropertyType ?? ((FieldInfo)entry.Member).FieldType)}")];

    /// <summary>A positional record: Orleans numbers the parameters of its constructor.</summary>
    private static IEnumerable<string> Positional(Type type) => type.GetConstructors()
        .Where(constructor => constructor.GetParameters() is not [{ } only] || only.ParameterType != type)
        .OrderByDescending(constructor => constructor.GetParameters().Length)
        .Take(1)
        .SelectMany(constructor => constructor.GetParameters().Select((parameter, at) => $"{at} {parameter.Name} {Name(parameter.ParameterType)}"));

    private static string Name(Type type) => type switch
    {
        { IsGenericType: true } => $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>",
        _ => type.Name,
    };

    /// <summary>By name, because not every test project refers to Orleans.</summary>
    private static CustomAttributeData? Attribute(MemberInfo member, string name) =>
        member.CustomAttributes.FirstOrDefault(attribute => attribute.AttributeType.FullName == name);
}
