using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MultiModal.Pipeline.Registration;

namespace MultiModal.Pipeline.Tests;

public class VisibleTextTests
{
    [Theory]
    [InlineData("plain \u00e9\u4f1a\U0001F600.txt", "plain \u00e9\u4f1a\U0001F600.txt")]
    [InlineData("photo_\u202Egpj.exe", "photo_\\u202Egpj.exe")]
    [InlineData("\u2066a\u2069\u200F\u061C\uFEFF", "\\u2066a\\u2069\\u200F\\u061C\\uFEFF")]
    [InlineData("red\u001B[31m\tand\n", "red\\u001B[31m\\u0009and\\u000A")]
    [InlineData("tag\U000E0041\u2028", "tag\\u{E0041}\\u2028")]
    [InlineData("\U0001F468\u200D\U0001F469 \u0646\u200C\u0645", "\U0001F468\u200D\U0001F469 \u0646\u200C\u0645")]
    public void Characters_that_nobody_sees_are_written_as_escapes(string text, string expected) => Assert.Equal(expected, VisibleText.Of(text));

    [Fact]
    public void Lines_and_tabs_can_stay() => Assert.Equal("a\r\n\tb\\u202E\n", VisibleText.OfLines("a\r\n\tb\u202E\n"));

    [Fact]
    public void No_control_and_no_direction_is_left_of_any_character()
    {
        for (var value = 0; value <= 0x10FFFF; value++)
        {
            if (!Rune.IsValid(value)) continue;
            var shown = VisibleText.Of(new Rune(value).ToString());
            Assert.DoesNotContain(
                shown.EnumerateRunes(), r => Rune.IsControl(r) || r.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069));
        }
    }

    [Fact]
    public void A_log_line_shows_hidden_characters_and_its_values_stay_as_they_are()
    {
        var lines = new Lines();
        using var services = new ServiceCollection()
            .AddLogging(logging => logging.AddProvider(lines))
            .AddMultiModalPipeline(new ConfigurationBuilder().Build())
            .BuildServiceProvider();
        var logger = services.GetRequiredService<ILogger<VisibleTextTests>>();

        var write = LoggerMessage.Define<string>(LogLevel.Warning, default, "{Batch} is late");
        write(logger, "photo_\u202Egpj", null);

        var (line, values) = Assert.Single(lines.Written);
        Assert.Equal("photo_\\u202Egpj is late", line);
        Assert.Equal("photo_\u202Egpj", values.Single(v => v.Key == "Batch").Value);
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<(string Line, IReadOnlyList<KeyValuePair<string, object?>> Values)> Written { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Enqueue((formatter(state, exception), (IReadOnlyList<KeyValuePair<string, object?>>)state!));

        public void Dispose()
        {
        }
    }
}
