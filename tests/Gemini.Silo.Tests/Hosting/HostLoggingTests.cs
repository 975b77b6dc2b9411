using System.Globalization;
using System.Text.Json;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;
using Gemini.Silo.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Gemini.Silo.Tests.Hosting;

public sealed class HostLoggingTests
{
    /// <summary>Also in a culture that separates hours and minutes by another character.</summary>
    [Fact]
    public void Line_BeginsWithInstantAndHost()
    {
        var instant = new DateTimeOffset(2026, 11, 25, 9, 8, 7, 65, TimeSpan.Zero);
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (culture.DateTimeFormat.TimeSeparator, culture.DateTimeFormat.DateSeparator) = (".", " ");

        Assert.Equal("2026-11-25T09:08:07.065Z host-a ", instant.ToString(HostLogging.LineFormat("host-a"), culture));
    }

    [Fact]
    public void JsonLine_NamesTheHostBesideWhatTheEventSays()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 25, 9, 8, 7, 65, TimeSpan.Zero));
        var formatter = new HostJsonFormatter(new HostConfiguration { Host = new() { Name = "host-a" } }, time);
        var state = new List<KeyValuePair<string, object?>>
        {
            new("Count", 3), new("Seconds", 1.5), new("Ratio", double.NaN), new("Rank", new Rank(7)), new("Reason", null), new("{OriginalFormat}", "x {Count}"),
        };
        using var line = new StringWriter();
        formatter.Write(
            new LogEntry<IReadOnlyList<KeyValuePair<string, object?>>>(
                LogLevel.Warning, "Gemini.Agent", new EventId(42), state, new IOException("disk full"), (_, _) => "größer\nals"),
            null, line);

        Assert.EndsWith("}" + Environment.NewLine, line.ToString(), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(line.ToString());
        string Text(string name) => json.RootElement.GetProperty(name).GetString()!;
        Assert.Equal(
            ("2026-11-25T09:08:07.065Z", "host-a", 42, "Warning", "Gemini.Agent", "größer\nals"),
            (Text("Timestamp"), Text("Host"), json.RootElement.GetProperty("EventId").GetInt32(), Text("LogLevel"), Text("Category"), Text("Message")));
        Assert.StartsWith("System.IO.IOException: disk full", Text("Exception"), StringComparison.Ordinal);
        Assert.Equal(
            """{"Count":3,"Seconds":1.5,"Ratio":"NaN","Rank":"7","Reason":null,"{OriginalFormat}":"x {Count}"}""",
            json.RootElement.GetProperty("State").GetRawText());
    }

    /// <summary>The console logger uses the formatter that names the host.</summary>
    [Fact]
    public void JsonLogs_UseTheFormatterThatNamesTheHost()
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => HostLogging.Configure(logging, new HostConfiguration { JsonLogs = true }));
        using var provider = services.BuildServiceProvider();
        Assert.Equal(HostJsonFormatter.FormatterName, provider.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName);
        Assert.Contains(provider.GetServices<ConsoleFormatter>(), formatter => formatter is HostJsonFormatter);
    }
}
