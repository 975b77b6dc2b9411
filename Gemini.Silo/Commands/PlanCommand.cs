using System.CommandLine;
using System.Globalization;
using Gemini.Grains.Placement.Probability;
using Gemini.Grains.Planning;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Presets;
using Gemini.Silo.Configuration;
using static Gemini.Silo.Commands.CommandOptions;

namespace Gemini.Silo.Commands;

/// <summary><c>gemini plan</c>: what checkpoints in host memory would mean for a cluster, by the paper's formulas.</summary>
internal static class PlanCommand
{
    /// <summary>Losses of up to so many hosts at once are shown.</summary>
    private const int LostMax = 4;

    private static readonly Option<string> Model = Value("--model", "NAME", "The model, for its number of parameters. Not with --parameters.", "gpt2-100b");

    private static readonly Option<double?> Parameters = new("--parameters")
    {
        Description = "Number of parameters, in billions, of another model.",
        HelpName = "BILLIONS",
    };

    private static readonly Option<int> Hosts = Value("--hosts", "N", "GPU hosts.", 16);

    private static readonly Option<int> Replicas = Value("--replicas", "M", "Copies of every shard in host memory, the owner's own included.", 2);

    private static readonly Option<int> Gpus = Value("--gpus-per-host", "G", "GPUs of each host.", 8);

    private static readonly Option<double> Network = Value("--network", "GBPS", "Network of each host, in Gbit/s.", 400.0);

    private static readonly Option<double> Storage = Value("--storage", "GBPS", "Persistent storage, for all hosts together, in Gbit/s.", 20.0);

    private static readonly Option<double?> Failures = new("--failures-per-day")
    {
        Description = "Failures of all hosts together. Default: 1.5 % of the hosts fail each day, as in the paper.",
        HelpName = "F",
    };

    private static readonly Option<double> Iteration = Value("--iteration", "SECONDS", "Time of an iteration without checkpoints.", 62.0);

    private static readonly Option<double?> Idle = new("--idle")
    {
        Description = "How long the training network is idle in an iteration. Without it, the plan says how much is needed.",
        HelpName = "SECONDS",
    };

    private static readonly Option<double> Restart =
        Value("--restart", "MINUTES", "From a failure until the state can be retrieved; the same for all ways.", 6.0);

    public static Command Create(TextWriter output)
    {
        var command = new Command("plan",
            "Computes what checkpoints in host memory would mean for a cluster that you need not have: memory, network, frequency, the chance to recover, and "
            + "the training that failures cost, compared with checkpoints in persistent storage. Uses the formulas of the GEMINI paper (SOSP 2023) and "
            + "nothing measured. Example, the paper's own cluster: gemini plan --model gpt2-100b --hosts 16 --network 400 --iteration 62 --idle 10")
        {
            Model, Parameters, Hosts, Replicas, Gpus, Network, Storage, Failures, Iteration, Idle, Restart,
        };
        command.SetAction(async (parsed, _) =>
        {
            foreach (var line in Lines(parsed)) await output.WriteLineAsync(line);
            return ExitCodes.Success;
        });
        return command;
    }

    private static IEnumerable<string> Lines(ParseResult parsed)
    {
        var plan = Read(parsed);
        var name = parsed.GetValue(Parameters) is null ? parsed.GetRequiredValue(Model) : "the model";
        var (state, own, memory) = (Bytes(WastedTime.CheckpointBytes(plan.ParameterCount)), Bytes(plan.HostBytes), Bytes(plan.MemoryBytes));
        return
        [
            Text($"{name}: {plan.ParameterCount / 1e9:0.##} billion parameters, {state} of state (12 bytes each, §5.2)"),
            Text($"each of {plan.Hosts} hosts: {own} of state, {memory} of host memory ({plan.Replicas} copies, two slots each)"),
            Text($"a checkpoint uses each host's network for {plan.Transfer.TotalSeconds:0.0##} s ((m - 1) C / 0.85 B, Fig. 11); {Frequency(plan)}"),
            $"recovery from memory if k hosts are lost at once (§4): {string.Join(", ", Chances(plan))}",
            "",
            Text($"at {plan.FailuresPerDay:0.###} failures a day, with {plan.Restart.TotalMinutes:0.##} min of restart each:"),
            $"{"",-10} {"checkpoint every",17} {"retrieval",11} {"lost per failure",17} {"effective training",19}",
            Row("gemini", plan.Gemini), Row("HighFreq", plan.HighFreq), Row("Strawman", plan.Strawman),
            "lost per failure: t_ckpt + 1/(2f) + t_rtvl (equation 1); effective training: r0 - c n / 1440 (Fig. 15). HighFreq and Strawman save to storage.",
        ];
    }

    private static ClusterPlan Read(ParseResult parsed)
    {
        var (hosts, replicas) = (parsed.GetValue(Hosts), parsed.GetValue(Replicas));
        Require(hosts >= 1, "--hosts", hosts, "use 1 or more");
        Require(replicas >= 1 && replicas <= hosts, "--replicas", replicas, $"use 1 to {hosts}, the number of hosts");
        Require(parsed.GetValue(Gpus) >= 1, "--gpus-per-host", parsed.GetValue(Gpus), "use 1 or more");
        var failures = parsed.GetValue(Failures) ?? EffectiveTraining.FailuresPerDay(hosts);
        Require(failures >= 0, "--failures-per-day", failures, "use 0 or more");
        return new ClusterPlan(
            ParameterCount(parsed), hosts, replicas, parsed.GetValue(Gpus), Given(Network, 0.1) * 1e9, Given(Storage, 0.1) * 1e9, failures,
            TimeSpan.FromSeconds(Given(Iteration, 0.001)),
            parsed.GetValue(Idle) is { } idle ? TimeSpan.FromSeconds(Checked(Idle, idle, least: 0)) : null,
            TimeSpan.FromMinutes(Given(Restart, 0)));

        double Given(Option<double> option, double least) => Checked(option, parsed.GetValue(option), least);

        static double Checked(Option option, double value, double least)
        {
            Require(value >= least && value <= 1e6, option.Name, value, Text($"use {least} to 1,000,000"));
            return value;
        }
    }

    private static long ParameterCount(ParseResult parsed)
    {
        if (parsed.GetValue(Parameters) is { } billions)
        {
            Require(billions is > 0 and <= 1e5, "--parameters", billions, "use a number of billions above 0, at most 100,000");
            return (long)(billions * 1e9);
        }

        var name = parsed.GetRequiredValue(Model);
        if (ModelPresets.All.FirstOrDefault(shape => shape.Name == name) is { } known) return known.ParameterCount;
        var names = string.Join(", ", ModelPresets.All.Select(shape => shape.Name));
        throw new BadInputException($"--model {name} is unknown; use --parameters for a model of your own, or one of {names}.");
    }

    private static string Frequency(ClusterPlan plan)
    {
        if (plan.Idle is not { } idle) return "if it is idle as long in each iteration, every iteration gets one";
        if (plan.Interval == int.MaxValue) return "it is never idle, so none can be made";
        var often = plan.Interval == 1 ? "every iteration gets one" : $"one in {plan.Interval} iterations gets one";
        return Text($"it is idle for {idle.TotalSeconds:0.##} s of {plan.Iteration.TotalSeconds:0.##} s, so {often}");
    }

    private static IEnumerable<string> Chances(ClusterPlan plan) =>
        from lost in Enumerable.Range(1, Math.Min(LostMax, plan.Hosts))
        let chance = RecoveryProbability.Of(ReplicaPlacement.Mixed, plan.Hosts, plan.Replicas, lost).ToDouble()
        select Text($"k = {lost}: {chance * 100:0.##} %");

    private static string Row(string name, PolicyPlan policy) =>
        $"{name,-10} {Time(policy.Interval),17} {Time(policy.Retrieval),11} {Time(policy.Wasted),17} "
        + Text($"{policy.EffectiveTraining * 100:0.0} %").PadLeft(19);

    private static string Time(TimeSpan time) => time.TotalMinutes < 2 ? Text($"{time.TotalSeconds:0.0} s") : Text($"{time.TotalMinutes:0.0} min");

    private static string Bytes(long bytes) => bytes switch
    {
        >= 1_000_000_000_000 => Text($"{bytes / 1e12:0.##} TB"),
        >= 1_000_000_000 => Text($"{bytes / 1e9:0.#} GB"),
        _ => Text($"{bytes / 1e6:0.#} MB"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Require<T>(bool holds, string option, T value, string rule)
    {
        if (!holds) throw new BadInputException(FormattableString.Invariant($"{option} is {value}; {rule}."));
    }
}
