namespace Gemini.Silo.Configuration;

/// <summary>The rules of the section "machines". Every message names the property, its value, the rule and the fix.</summary>
internal static class MachinesValidator
{
    /// <summary>A day. A longer time means that the unit was misunderstood.</summary>
    private const double MaxSeconds = 86_400;

    public static IReadOnlyList<string> Validate(MachinesConfiguration machines)
    {
        var problems = new List<string>();
        var operators = new object?[] { machines.Process, machines.Command, machines.Kubernetes }.Count(one => one is not null);
        if (operators != 1)
            problems.Add($"machines names {operators} operators, but must name exactly one; keep one of \"process\", \"command\" and \"kubernetes\"");
        if (machines.Process is { Configurations.Length: 0 })
            problems.Add("machines.process.configurations is empty. Name the folder of the hosts' configuration files, or leave it out for this file's own");
        if (machines.Command is { } command && (command.Run.IsDefaultOrEmpty || command.Run[0].Length == 0))
            problems.Add("machines.command.run is empty. Give a program and its arguments, such as [\"./replace-host.sh\"]");
        if (machines.Kubernetes is { } kubernetes && !kubernetes.Pod.Contains("{host}", StringComparison.Ordinal))
            problems.Add($"machines.kubernetes.pod is \"{kubernetes.Pod}\", but every host has a pod of its own; put {{host}} where the host's name goes");
        if (machines.AfterSeconds is not (null or (>= 0 and <= MaxSeconds)))
            problems.Add($"machines.afterSeconds is {machines.AfterSeconds}, but must be 0 to {MaxSeconds}; leave it out for the operator's own");
        foreach (var (property, seconds) in new[]
        {
            ("pauseSeconds", machines.PauseSeconds), ("longestPauseSeconds", machines.LongestPauseSeconds),
            ("limitSeconds", machines.LimitSeconds), ("joinSeconds", machines.JoinSeconds),
        })
        {
            if (seconds is not (> 0 and <= MaxSeconds))
                problems.Add($"machines.{property} is {seconds}, but must be above 0 and at most {MaxSeconds}; leave it out for the default");
        }

        if (machines.LongestPauseSeconds < machines.PauseSeconds)
        {
            problems.Add($"machines.longestPauseSeconds is {machines.LongestPauseSeconds}, "
                + $"but must be at least pauseSeconds, {machines.PauseSeconds}; raise it");
        }

        return problems;
    }
}
