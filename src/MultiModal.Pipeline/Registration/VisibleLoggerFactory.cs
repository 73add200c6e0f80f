using System.Collections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace MultiModal.Pipeline.Registration;

/// <summary>
/// Writes log lines as <see cref="VisibleText"/>, because they contain names that strangers chose. The values that a line is made of stay as they
/// are, except that a <see cref="SignedAddress"/> loses its signature in both.
/// </summary>
internal sealed class VisibleLoggerFactory(LoggerFactory inner) : ILoggerFactory
{
    public static void Register(IServiceCollection services)
    {
        services.TryAddSingleton<LoggerFactory>();
        services.Replace(ServiceDescriptor.Singleton<ILoggerFactory, VisibleLoggerFactory>());
    }

    public ILogger CreateLogger(string categoryName) => new VisibleLogger(inner.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose() => inner.Dispose();

    private sealed class VisibleLogger(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!inner.IsEnabled(logLevel)) return;
            if (state is IReadOnlyList<KeyValuePair<string, object?>> values && values.Any(value => Holds(value.Value)))
            {
                var line = VisibleText.OfLines(SignedAddress.Hide(formatter(state, exception)));
                inner.Log(logLevel, eventId, new HiddenValues(values, line), exception, (hidden, _) => hidden.ToString());
                return;
            }

            inner.Log(logLevel, eventId, state, exception, (s, e) => VisibleText.OfLines(SignedAddress.Hide(formatter(s, e))));
        }

        private static bool Holds(object? value) => value is string text && SignedAddress.IsIn(text);
    }

    /// <summary>The values of a line, without the signatures in them.</summary>
    private sealed class HiddenValues(IReadOnlyList<KeyValuePair<string, object?>> values, string line) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        public int Count => values.Count;

        public KeyValuePair<string, object?> this[int index] => values[index] is { Value: string text } value
            ? KeyValuePair.Create(value.Key, (object?)SignedAddress.Hide(text))
            : values[index];

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => Enumerable.Range(0, Count).Select(index => this[index]).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => line;
    }
}
