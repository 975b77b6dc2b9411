using System.Collections.Immutable;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Configuration;

/// <summary>The program that trains.</summary>
public sealed record TrainerConfiguration
{
    /// <summary>
    /// Any program that speaks the trainer protocol. A path with a '/' is relative to the configuration file, a bare name is looked up in
    /// PATH. Null: the <c>gemini-trainer</c> that was built with this program.
    /// </summary>
    public string? Command { get; init; }

    /// <summary>The program's own arguments ("--model", "gpt2-tiny", ...). Environment variables tell it the rest.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>
    /// The folder that trainers run in. Relative paths in their arguments are relative to it. The path itself is relative to the configuration file.
    /// Default: the folder of the configuration file.
    /// </summary>
    public string WorkingDirectory { get; init; } = ".";

    /// <summary>
    /// Whether <see cref="Command"/>, by its name, and <see cref="Arguments"/> belong to the job's specification: a host with other values would
    /// train something else. Default: true.
    /// </summary>
    public bool CompareArguments { get; init; } = true;

    /// <summary>
    /// Arguments that may differ between hosts and after a restart, by name. The value that follows such a name is ignored too. Default:
    /// "--iterations".
    /// </summary>
    public ImmutableArray<string> IgnoredArguments { get; init; } = ["--iterations"];

    /// <summary>
    /// Spare processes of every trainer. A spare has loaded and compiled everything, and replaces its trainer when the trainer dies. Each costs about
    /// 0.3 GB and no processor time while it waits. No spare is started while the machine has less than 1 GiB available. 0 for a program that does
    /// not support spares. Range: 0 to 4. Default: 1.
    /// </summary>
    public int Spares { get; init; } = 1;

    /// <summary>
    /// The ports at which this host's trainers may listen, such as "20000-20031", for a firewall between hosts. Each trainer and each spare
    /// takes two. Default: empty, any port that is free.
    /// </summary>
    public string Ports { get; init; } = "";

    /// <exception cref="BadInputException">The text is not a range. The validator gives a better message.</exception>
    public PortRange ToPorts() => PortRange.TryParse(Ports, out var ports) ? ports : throw new BadInputException($"trainer.ports is \"{Ports}\"");

    /// <summary>What the hosts of a job compare; empty: nothing.</summary>
    public string ToCompared()
    {
        if (!CompareArguments) return "";
        var words = new List<string> { Path.GetFileName(Command) ?? TrainerLocator.Program };
        for (var index = 0; index < Arguments.Length; index++)
        {
            var name = Arguments[index].Split('=')[0];
            if (!IgnoredArguments.Contains(name)) words.Add(Arguments[index]);
            else if (name == Arguments[index] && index + 1 < Arguments.Length && !Arguments[index + 1].StartsWith('-')) index++;
        }

        return string.Join(' ', words);
    }
}
