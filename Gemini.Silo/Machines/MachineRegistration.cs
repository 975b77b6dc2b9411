using Gemini.Silo.Configuration;

namespace Gemini.Silo.Machines;

/// <summary>Registers the machine operator.</summary>
internal static class MachineRegistration
{
    /// <summary>Adds the configured machine operator; adds nothing if people start hosts.</summary>
    /// <exception cref="BadInputException">The operator lacks something that it needs; the message names the fix.</exception>
    public static IServiceCollection AddGeminiMachines(this IServiceCollection services, MachinesConfiguration? machines) => machines is null
        ? services
        : services.AddSingleton(MachineOperators.Create(machines, TimeProvider.System));
}
