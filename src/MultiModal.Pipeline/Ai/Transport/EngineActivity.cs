using System.Diagnostics;

namespace MultiModal.Pipeline.Ai.Transport;

/// <summary>A span for one request to an engine with all its attempts, named by OpenTelemetry's semantic conventions for generative AI.</summary>
internal readonly struct EngineActivity(Activity? activity) : IDisposable
{
    public static EngineActivity Start(string operation, EngineIdentity identity)
    {
        var activity = Telemetry.Activities.StartActivity($"{operation} {identity.Model}", ActivityKind.Client);
        activity?.SetTag("gen_ai.operation.name", operation).SetTag("gen_ai.request.model", identity.Model)
            .SetTag("gen_ai.provider.name", identity.Provider);
        return new(activity);
    }

    public EngineAnswer<T> Ended<T>(EngineAnswer<T> answer) where T : notnull
    {
        activity?.SetTag("gen_ai.usage.input_tokens", answer.Usage.InputTokens)
            .SetTag("gen_ai.usage.output_tokens", answer.Usage.OutputTokens)
            .SetTag("multimodal.attempts", answer.Attempts.Count);
        if (answer.Outcome.Failure is { } failure) activity?.SetTag("error.type", failure.Code).SetStatus(ActivityStatusCode.Error, failure.Message);
        return answer;
    }

    public void Dispose() => activity?.Dispose();
}
