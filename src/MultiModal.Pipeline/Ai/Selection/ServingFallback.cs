using System.Globalization;

namespace MultiModal.Pipeline.Ai.Selection;

/// <summary>A fallback that is asked now, because the first choice of its capability keeps failing.</summary>
/// <param name="Code"><see cref="FailureCodes.FallbackServes"/>.</param>
/// <param name="Message">For people: who fails, since when and why, and who answers.</param>
/// <param name="Capability">The capability.</param>
/// <param name="Engine">Name of the engine that fails.</param>
/// <param name="Fallback">Name of the engine that answers.</param>
/// <param name="Since">When the first choice was given up.</param>
/// <param name="Reason">Code of its last failure.</param>
public sealed record ServingFallback(
    string Code, string Message, EngineCapability Capability, string Engine, string Fallback, DateTimeOffset Since, string Reason)
{
    internal static ServingFallback Of(EngineChoice first, EngineChoice fallback, EngineOutage outage)
    {
        var (one, other) = ($"{first.Engine}/{first.Model}", $"{fallback.Engine}/{fallback.Model}");
        return new(
            FailureCodes.FallbackServes,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{first.Section} asks {one} at {first.Address}, which has kept failing since {outage.Since:yyyy-MM-dd HH:mm:ss} UTC ({outage.Code}). "
                    + $"{other} at {fallback.Address} answers in its place."),
            first.Capability, one, other, outage.Since, outage.Code);
    }
}
