using Gemini.Grains.Machines;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Machines;

/// <summary>Makes the configured machine operator.</summary>
internal static class MachineOperators
{
    /// <exception cref="BadInputException">The operator lacks something that it needs; the message names the fix.</exception>
    public static IMachineOperator Create(MachinesConfiguration machines, TimeProvider time) => machines switch
    {
        { Process: { } process } => new LocalProcessOperator(process.Configurations, time),
        { Command: { } command } => CommandOperator.Create(command.Run, time),
        { Kubernetes: { } kubernetes } => KubernetesOperator.Create(kubernetes, time),
        _ => throw new BadInputException("machines names no operator; name one of \"process\", \"command\" and \"kubernetes\"."),
    };
}
