using Microsoft.Extensions.Options;

namespace Gemini.Silo.Registration;

/// <summary>Registers the options of a room: as <see cref="IOptions{TOptions}"/>, and validated before a host starts.</summary>
internal static class RoomOptions
{
    /// <summary>Registers options that were read already. The first registration of a type counts.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">The options. Nobody changes them afterwards.</param>
    /// <param name="validate">Returns one line per broken rule; none if the options are valid.</param>
    public static IServiceCollection AddRoomOptions<T>(this IServiceCollection services, T options, Func<T, IReadOnlyList<string>> validate)
        where T : class
    {
        if (services.Any(service => service.ServiceType == typeof(IOptionsFactory<T>))) return services;
        services.AddSingleton<IOptionsFactory<T>>(new Factory<T>(options, validate));
        services.AddOptions<T>().ValidateOnStart();
        return services;
    }

    /// <summary>The options of a room, validated.</summary>
    public static T Options<T>(this IServiceProvider services)
        where T : class => services.GetRequiredService<IOptions<T>>().Value;

    private sealed class Factory<T>(T options, Func<T, IReadOnlyList<string>> validate) : IOptionsFactory<T>
        where T : class
    {
        public T Create(string name)
        {
            var problems = validate(options);
            return problems.Count == 0 ? options : throw new OptionsValidationException(name, typeof(T), problems);
        }
    }
}
