using System.Reflection;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orleans.Serialization.Invocation;

namespace Gemini.Silo.Tests.Hosting;

/// <summary>Who may call what. A caller proves its kind with a mark that only the job's secret can make.</summary>
public sealed class CallGuardTests : IDisposable
{
    private const string Cluster = "gemini-job";

    private static readonly JobSecret Secret = new("a secret for tests only"u8);
    private static readonly GrainId Client = GrainId.Create("sys.client", "a");
    private static readonly GrainId Silo = GrainId.Create("sys.svc.silo", "a");

    private readonly FakeTimeProvider _time = new();
    private readonly LogLines<CallGuard> _log = new();
    private readonly CallMark _marks = new(Secret, Cluster);
    private readonly CallGuard _guard;

    public CallGuardTests() => _guard = new CallGuard(_marks, _time, _log);

    public void Dispose() => RequestContext.Clear();

    [Theory]
    [InlineData(CallerKind.Anyone, CallerKind.Anyone, true)]
    [InlineData(CallerKind.Anyone, CallerKind.Trainer, true)]
    [InlineData(CallerKind.Anyone, CallerKind.Silo, true)]
    [InlineData(CallerKind.Trainer, CallerKind.Anyone, false)]
    [InlineData(CallerKind.Trainer, CallerKind.Trainer, true)]
    [InlineData(CallerKind.Trainer, CallerKind.Silo, true)]
    [InlineData(CallerKind.Silo, CallerKind.Anyone, false)]
    [InlineData(CallerKind.Silo, CallerKind.Trainer, false)]
    [InlineData(CallerKind.Silo, CallerKind.Silo, true)]
    public async Task Call_OfThisJobsGrains_NeedsTheKindOfTheMethod(CallerKind required, CallerKind caller, bool isAllowed)
    {
        Mark(_marks.Of(caller));
        // The sender is what a client writes itself, so it must not help.
        await AssertAsync(new Call(MethodOf(required), Silo), isAllowed);
        await AssertAsync(new Call(MethodOf(required), Client), isAllowed);
        await AssertAsync(new Call(MethodOf(required), null), isAllowed);
    }

    /// <summary>Marks of another job, of another secret, cut short, or no text at all prove nothing.</summary>
    [Fact]
    public async Task Mark_ThatIsNotThisJobs_ProvesNothing()
    {
        var right = _marks.Of(CallerKind.Silo)!;
        foreach (var mark in new object?[]
        {
            new CallMark(Secret, "gemini-other").Of(CallerKind.Silo), new CallMark(new JobSecret("another secret, quite long"u8), Cluster).Of(CallerKind.Silo),
            right[..^1], right + "=", right.ToLowerInvariant(), "", "Silo", CallerKind.Silo, 2, null,
        })
        {
            Mark(mark);
            await AssertAsync(new Call(MethodOf(CallerKind.Silo), Silo), isAllowed: false);
            await AssertAsync(new Call(MethodOf(CallerKind.Trainer), Silo), isAllowed: false);
        }

        Mark(right);
        await AssertAsync(new Call(MethodOf(CallerKind.Silo), Client), isAllowed: true);
    }

    /// <summary>Every method of the job's grains is for silos only, unless it says otherwise.</summary>
    [Fact]
    public async Task Call_OfEveryMethodOfTheJob_IsRefusedWithoutAMarkUnlessItSaysAnyone()
    {
        var methods = typeof(IRootAgent).Assembly.GetTypes().Where(type => type.IsInterface && typeof(IGrain).IsAssignableFrom(type))
            .SelectMany(type => type.GetInterfaces().Append(type)).Distinct().SelectMany(type => type.GetMethods()).ToList();
        Assert.Contains(methods, method => method.DeclaringType == typeof(ITrainerService));
        var open = new List<string>();
        foreach (var method in methods)
        {
            var call = new Call(method, Client);
            if (await Record.ExceptionAsync(() => ((IIncomingGrainCallFilter)_guard).Invoke(call)) is null) open.Add(method.Name);
            else Assert.False(call.IsInvoked);
        }

        Assert.NotEmpty(open);
        Assert.All(open, name => Assert.Equal(CallerKind.Anyone, MethodNamed(name).GetCustomAttribute<CallableByAttribute>()?.Caller));
    }

    /// <summary>Orleans' own calls come without a mark. Only those that do not come from a client are served.</summary>
    [Fact]
    public async Task Call_OfTheRuntime_IsServedUnlessAClientMakesIt()
    {
        var method = typeof(IManagementGrain).GetMethods().First();
        await AssertAsync(new Call(method, Silo), isAllowed: true);
        await AssertAsync(new Call(method, Client), isAllowed: false);
        await AssertAsync(new Call(method, null), isAllowed: false);
        Mark(_marks.Of(CallerKind.Trainer));
        await AssertAsync(new Call(method, Client), isAllowed: false);
        Mark(_marks.Of(CallerKind.Silo));
        await AssertAsync(new Call(method, Client), isAllowed: true);
    }

    [Fact]
    public async Task Call_OfAnUnknownMethod_IsForSilosOnly()
    {
        await AssertAsync(new Call(null, Client), isAllowed: false);
        Mark(_marks.Of(CallerKind.Silo));
        await AssertAsync(new Call(null, Client), isAllowed: true);
    }

    [Fact]
    public async Task Refusals_ByTheHundred_AreOneLineInTenSecondsThatCountsThem()
    {
        for (var call = 0; call < 100; call++) await AssertAsync(new Call(MethodOf(CallerKind.Trainer), Client), isAllowed: false);
        _time.Advance(TimeSpan.FromSeconds(10));
        await AssertAsync(new Call(MethodOf(CallerKind.Trainer), null), isAllowed: false);

        Assert.Equal(
            [
                (LogLevel.Warning, "Refused a call of IThing.DoAsync from sys.client/a, which is no Trainer of this job. Since the last such line, 0 other calls were refused."),
                (LogLevel.Warning, "Refused a call of IThing.DoAsync from nobody, which is no Trainer of this job. Since the last such line, 99 other calls were refused."),
            ],
            _log.Lines);
    }

    [Fact]
    public async Task OwnCall_ToAGrain_HasTheMarkOfASilo_AndNothingIsLeftBehind()
    {
        var call = new Call(MethodOf(CallerKind.Silo), null) { TargetId = GrainId.Create("rootagent", "job") };
        await ((IOutgoingGrainCallFilter)_guard).Invoke(call);
        Assert.Equal((true, CallerKind.Silo), (call.IsInvoked, _marks.CallerOf(call.MarkSeen)));
        Assert.Null(RequestContext.Get(CallMark.Key));
    }

    /// <summary>A client that got the mark of a silo could make every call. So also a mark that is there already is removed.</summary>
    [Fact]
    public async Task OwnCall_ToAClient_HasNoMark()
    {
        Mark(_marks.Of(CallerKind.Silo));
        var call = new Call(MethodOf(CallerKind.Silo), null) { TargetId = Client };
        await ((IOutgoingGrainCallFilter)_guard).Invoke(call);
        Assert.Equal((true, null), (call.IsInvoked, call.MarkSeen));
    }

    private static MethodInfo MethodOf(CallerKind required) => typeof(IRootAgent).GetMethods().Concat(typeof(ITrainerService).GetMethods())
        .First(method => (method.GetCustomAttribute<CallableByAttribute>()?.Caller ?? CallerKind.Silo) == required);

    private static MethodInfo MethodNamed(string name) =>
        typeof(IRootAgent).Assembly.GetTypes().Where(type => type.IsInterface).SelectMany(type => type.GetMethods()).First(method => method.Name == name);

    private static void Mark(object? mark)
    {
        if (mark is null) RequestContext.Remove(CallMark.Key);
        else RequestContext.Set(CallMark.Key, mark);
    }

    private async Task AssertAsync(Call call, bool isAllowed)
    {
        var error = await Record.ExceptionAsync(() => ((IIncomingGrainCallFilter)_guard).Invoke(call));
        if (isAllowed) Assert.Null(error);
        else Assert.Contains("the caller has not proved that it is one", Assert.IsType<UnauthorizedAccessException>(error).Message, StringComparison.Ordinal);
        Assert.Equal(isAllowed, call.IsInvoked);
    }

    /// <summary>A call in either direction, as far as the guard looks at it.</summary>
    private sealed class Call(MethodInfo? method, GrainId? source) : IIncomingGrainCallContext, IOutgoingGrainCallContext
    {
        public bool IsInvoked { get; private set; }

        /// <summary>The mark that was on the call when it was made.</summary>
        public object? MarkSeen { get; private set; }

        public GrainId? SourceId => source;

        public GrainId TargetId { get; init; }

        public string InterfaceName => "IThing";

        public string MethodName => "DoAsync";

        public MethodInfo InterfaceMethod => method!;

        public GrainInterfaceType InterfaceType => default;

        public object? Result { get; set; }

        public Response? Response { get; set; }

        public IInvokable Request => throw new NotSupportedException();

        public object Grain => throw new NotSupportedException();

        public IGrainContext TargetContext => throw new NotSupportedException();

        public MethodInfo ImplementationMethod => throw new NotSupportedException();

        public IGrainContext? SourceContext => null;

        public Task Invoke()
        {
            IsInvoked = true;
            MarkSeen = RequestContext.Get(CallMark.Key);
            return Task.CompletedTask;
        }
    }
}
