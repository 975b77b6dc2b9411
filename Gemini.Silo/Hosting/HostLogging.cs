using Gemini.Silo.Configuration;
using Microsoft.Extensions.Logging.Console;

namespace Gemini.Silo.Hosting;

/// <summary>What a host writes to its console: a line for each event, or a JSON object for each.</summary>
internal static class HostLogging
{
    /// <summary>ISO 8601 in UTC, whatever the machine's language writes between hours and minutes.</summary>
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
        // A host that dies breaks a dozen connections, each a warning with a stack trace. What it means, CrashDetector says in one line; and
        // the traces are looked up and written just when the recovery needs the processors.
        logging.AddFilter("Orleans.Runtime.Messaging", LogLevel.Error);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Polly", LogLevel.Warning);
    }

    /// <summary>
    /// When, and on which host: logs of all hosts are read together. The name is a literal of the format; the console has no other place
    /// for it in front of the line. Names have no quotes: <see cref="HostConfigurationValidator"/>.
    /// </summary>
    internal static string LineFormat(string host) => $"{InstantFormat}' {host} '";
}
