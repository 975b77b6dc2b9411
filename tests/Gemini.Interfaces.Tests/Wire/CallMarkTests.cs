using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Wire;

namespace Gemini.Interfaces.Tests.Wire;

public sealed class CallMarkTests
{
    private static readonly JobSecret Secret = JobSecret.Generate();
    private readonly CallMark _marks = new(Secret, "gemini-job");

    [Theory]
    [InlineData(CallerKind.Trainer)]
    [InlineData(CallerKind.Silo)]
    public void CallerOf_OwnMark_IsThatKind(CallerKind caller) => Assert.Equal(caller, _marks.CallerOf(new CallMark(Secret, "gemini-job").Of(caller)));

    [Theory]
    [InlineData(CallerKind.Trainer)]
    [InlineData(CallerKind.Silo)]
    public void CallerOf_MarkOfAnotherSecretOrJob_IsAnyone(CallerKind caller)
    {
        Assert.Equal(CallerKind.Anyone, _marks.CallerOf(new CallMark(JobSecret.Generate(), "gemini-job").Of(caller)));
        Assert.Equal(CallerKind.Anyone, _marks.CallerOf(new CallMark(Secret, "gemini-another").Of(caller)));
    }

    [Fact]
    public void CallerOf_NoMarkOrNonsense_IsAnyone()
    {
        Assert.Null(_marks.Of(CallerKind.Anyone));
        foreach (var mark in (object?[])[null, "", "Silo", 7, new byte[44], new string('A', 44)]) Assert.Equal(CallerKind.Anyone, _marks.CallerOf(mark));
    }

    /// <summary>Which caller may call which method. A method without an attribute is for silos only.</summary>
    [Fact]
    public void Contracts_EachMethod_IsForThoseWhoCallIt()
    {
        Assert.Equal(["GetCommitRecordAsync", "GetStatusAsync"], MethodsFor(CallerKind.Anyone));
        Assert.Equal(
            [
                "DeclareShardAsync", "GetRestorePointAsync", "JoinAsync", "LoadedAsync", "RejectCopyAsync", "SealAsync", "SkipAsync", "StagedAsync",
            ],
            MethodsFor(CallerKind.Trainer));
    }

    private static IEnumerable<string> MethodsFor(CallerKind caller) => new[] { typeof(IRootAgent), typeof(IWorkerAgent), typeof(ICheckpointGroup) }
        .SelectMany(contract => contract.GetInterfaces().Append(contract)).SelectMany(contract => contract.GetMethods())
        .Where(method => (method.GetCustomAttribute<CallableByAttribute>()?.Caller ?? CallerKind.Silo) == caller)
        .Select(method => method.Name).Order(StringComparer.Ordinal);

    /// <summary>Silos and trainers of two versions make the same mark.</summary>
    [Theory]
    [InlineData(CallerKind.Trainer, "Cgemini-call/1/Trainer/gemini-job")]
    [InlineData(CallerKind.Silo, "Cgemini-call/1/Silo/gemini-job")]
    public void Of_IsTheHashOfKindAndCluster(CallerKind caller, string label)
    {
        byte[] key = [.. Enumerable.Range(0, 32).Select(value => (byte)value)];
        var expected = Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(label)));
        Assert.Equal(expected, new CallMark(new JobSecret(key), "gemini-job").Of(caller));
    }

    [Fact]
    public void CallerOf_PartOfAMarkOrMore_IsAnyone()
    {
        var mark = _marks.Of(CallerKind.Silo)!;
        Assert.Equal(CallerKind.Anyone, _marks.CallerOf(mark[..^1]));
        Assert.Equal(CallerKind.Anyone, _marks.CallerOf(mark + "="));
        Assert.Equal(CallerKind.Anyone, _marks.CallerOf(mark.ToCharArray()));
        Assert.NotEqual(mark, _marks.Of(CallerKind.Trainer));
    }
}
