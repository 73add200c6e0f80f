using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace MultiModal.Faults.Tests;

/// <summary>What is logged, each line with the scopes that it was logged in.</summary>
internal sealed class ScopedLines : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<string> lines = new();
    private IExternalScopeProvider scopes = new LoggerExternalScopeProvider();

    public IReadOnlyCollection<string> All => lines;

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => scopes = scopeProvider;

    public void Dispose()
    {
    }

    private sealed class Logger(ScopedLines to) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => to.scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var scope = new List<string>();
            to.scopes.ForEachScope(static (value, into) => into.Add($"{value}"), scope);
            to.lines.Enqueue($"{logLevel} [{string.Join("; ", scope)}] {formatter(state, exception)}");
        }
    }
}
