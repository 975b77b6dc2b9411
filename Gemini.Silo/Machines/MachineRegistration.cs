using Gemini.Silo.Configuration;

namespace Gemini.Silo.Machines;

/// <summary>Registration of whoever brings machines up.</summary>
internal static class MachineRegistration
{
    /// <summary>Adds the machine operator that is configured; nothing if people start hosts.</summary>
    /// <exception cref="BadInputException">What it needs is not there; the message names the fix.</exception>
    public static IServiceCollection AddGeminiMachines(this IServiceCollection services, MachinesConfiguration? machines) => machines is null
        ? services
        : services.AddSingleton(MachineOperators.Create(machines, TimeProvider.System));
}
