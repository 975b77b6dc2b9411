using Gemini.Silo.Configuration;
using Microsoft.Extensions.Logging.Console;

namespace Gemini.Silo.Hosting;

/// <summary>What a host writes to its console: a line for each event, or a JSON object for each.</summary>
internal static class HostLogging
{
    /// <summary>ISO 8601 in UTC. The separators are literals, so they do not depend on the machine's language.</summary>
    internal const string InstantFormat = "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fff'Z'";

    public static void Configure(ILoggingBuilder logging, HostConfiguration configuration)
    {
        logging.ClearProviders();
        if (configuration.JsonLogs)
        {
            logging.Services.AddSingleton<ConsoleFormatter>(new HostJsonFormatter(configuration, TimeProvider.System));
            logging.AddConsole(console => console.FormatterName = HostJsonFormatter.FormatterName);
        }
        else
        {
            logging.AddSimpleConsole(console =>
                (console.SingleLine, console.TimestampFormat, console.UseUtcTimestamp) = (true, LineFormat(configuration.Host.Name), true));
        }

        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Orleans", LogLevel.Warning);
        // A host that dies breaks a dozen connections, and each one logs a warning with a stack trace. CrashDetector says in one line what that
        // means. Also, the stack traces would be looked up and written just when the recovery needs the processors.
        logging.AddFilter("Orleans.Runtime.Messaging", LogLevel.Error);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Polly", LogLevel.Warning);
    }

    /// <summary>
    /// The time and the host, because people read the logs of all hosts together. The name is a literal of the time format: the console has no other
    /// place for it at the start of a line. Names contain no quotes: <see cref="HostConfigurationValidator"/>.
    /// </summary>
    internal static string LineFormat(string host) => $"{InstantFormat}' {host} '";
}
