using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MultiModal.Pipeline;

/// <summary>The activity source and the meter of the product; hosts subscribe to both by <see cref="Name"/>.</summary>
public static class Telemetry
{
    public const string Name = "MultiModal";

    public static ActivitySource Activities { get; } = new(Name);

    public static Meter Meter { get; } = new(Name);

    internal static Counter<long> EngineAttempts { get; } = Meter.CreateCounter<long>(
        "multimodal.engine.attempts", "{attempt}", "Attempts at requests to engines, by engine and code (none for success).");

    internal static Histogram<double> EngineDuration { get; } = Meter.CreateHistogram<double>(
        "multimodal.engine.duration", "s", "Duration of attempts, without the wait for a slot or a brake.");

    internal static Counter<long> EngineTokens { get; } = Meter.CreateCounter<long>(
        "multimodal.engine.tokens", "{token}", "Tokens that providers reported, by engine and direction.");

    internal static Counter<long> EngineBrakes { get; } = Meter.CreateCounter<long>(
        "multimodal.engine.brakes", "{brake}", "How often a 429 held back all callers of an engine.");

    internal static Counter<long> Recoveries { get; } = Meter.CreateCounter<long>(
        "multimodal.recoveries", "{recovery}",
        "Faults that the product recovered from, by kind: step-retried, answer-kept-later, lock-broken, lease-taken-again, decode-suspected, "
            + "decode-refused, engine-set-aside.");

    /// <summary>Counts a fault from which the code recovered.</summary>
    /// <param name="what">One of the kinds that <c>multimodal.recoveries</c> names.</param>
    public static void Recovered(string what) => Recoveries.Add(1, new KeyValuePair<string, object?>("multimodal.recovery", what));
}
