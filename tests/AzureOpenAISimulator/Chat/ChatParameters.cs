using System.Globalization;
using System.Text.Json.Nodes;
using AzureOpenAISimulator.Calls;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Chat;

/// <summary>The parameters of a chat request beside its messages and its format, and which of them a model refuses.</summary>
public sealed class ChatParameters(JsonObject body)
{
    private static readonly string[] AllEfforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
    private static readonly string[] Sampling = ["temperature", "top_p"];
    private static readonly string[] NeverWithReasoning = ["presence_penalty", "frequency_penalty", "logprobs", "top_logprobs", "logit_bias"];

    /// <summary>The limit of the answer, reasoning included; null where none was asked for.</summary>
    public int? MaxTokens => (int?)(body["max_completion_tokens"] ?? body["max_tokens"]);

    /// <returns>As asked for, or the model's default; null for a model that does not reason.</returns>
    public string? Effort(ModelFamily model) => model.Reasoning is { } rules ? (string?)body["reasoning_effort"] ?? rules.DefaultEffort : null;

    /// <summary>Whether the request names a tier; Azure's answer then does too.</summary>
    public bool NamesTier => body["service_tier"] is not null;

    /// <exception cref="WireException">The model does not offer it, or the simulator does not play it.</exception>
    public ServiceTier Tier(ModelFamily model, Dialect dialect) => (string?)body["service_tier"] switch
    {
        null or "auto" or "default" => ServiceTier.Default,
        "flex" when (dialect == Dialect.OpenAI ? model.FlexOnOpenAI : model.FlexOnAzure) => ServiceTier.Flex,
        "flex" => throw Refusals.FlexNotOffered(model.Snapshot),
        "priority" or "fast" or "scale" => throw Refusals.Invalid(
            "The simulator plays the service tiers default and flex alone.", "service_tier", "unsupported_value"),
        var other => throw Refusals.NotOneOf(other, ["auto", "default", "flex", "scale", "priority", "fast"], "service_tier"),
    };

    /// <exception cref="WireException">The service refuses one of them.</exception>
    public void Check(CallContext context)
    {
        if ((bool?)body["stream"] == true) throw Refusals.Invalid("The simulator answers whole, it does not stream.", "stream", "unsupported_value");
        if (body.ContainsKey("max_completion_tokens") && context.ApiVersion == ApiVersions.Older)
        {
            throw Refusals.Invalid("Unrecognized request argument supplied: max_completion_tokens");
        }
        if (body.ContainsKey("max_completion_tokens") && body.ContainsKey("max_tokens"))
        {
            throw Refusals.Invalid(
                "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", code: "invalid_parameter_combination");
        }
        if (context.Model.Reasoning is { } rules) CheckReasoning(rules, context);
        else if (body.ContainsKey("reasoning_effort")) throw Refusals.Invalid("Unrecognized request argument supplied: reasoning_effort");
        if (MaxTokens is { } max && max > context.Model.MaxOutputTokens)
        {
            var name = body.ContainsKey("max_tokens") ? "max_tokens" : "max_completion_tokens";
            var words = string.Create(
                CultureInfo.InvariantCulture,
                $"{name} is too large: {max}. This model supports at most {context.Model.MaxOutputTokens} completion tokens, "
                + $"whereas you provided {max}.");
            throw Refusals.Invalid(words, name, "invalid_value");
        }
    }

    private void CheckReasoning(ReasoningRules rules, CallContext context)
    {
        // langflow-ai/openrag#398 quotes it.
        if (body.ContainsKey("max_tokens"))
        {
            throw Refusals.Invalid(
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
                "max_tokens", "unsupported_parameter");
        }
        CheckEffort(rules, context);
        if (!(rules.SamplingAtNoEffort && Effort(context.Model) == ReasoningRules.NoEffort)) CheckSampling();
        if (NeverWithReasoning.FirstOrDefault(body.ContainsKey) is { } refused) throw Unsupported(refused);
        if (rules.RefusesStop && body.ContainsKey("stop")) throw Unsupported("stop");
    }

    private void CheckEffort(ReasoningRules rules, CallContext context)
    {
        if ((string?)body["reasoning_effort"] is not { } effort) return;
        if (!AllEfforts.Contains(effort))
        {
            throw Refusals.NotOneOf(effort, AllEfforts, "reasoning_effort");
        }
        var taken = rules.Efforts.Where(value => context.Dialect == Dialect.OpenAI || value != ReasoningRules.ResponsesOnAzure).ToList();
        if (!taken.Contains(effort))
        {
            throw Refusals.Invalid(
                $"Unsupported value: 'reasoning_effort' does not support '{effort}' with this model. Supported values are: {Listed(taken)}.",
                "reasoning_effort", "unsupported_value");
        }
    }

    private void CheckSampling()
    {
        if (body["temperature"] is { } temperature && temperature.GetValue<double>() != 1)
        {
            throw Refusals.Invalid(
                $"Unsupported value: 'temperature' does not support {temperature.ToJsonString()} with this model. "
                + "Only the default (1) value is supported.",
                "temperature", "unsupported_value");
        }
        if (Sampling.FirstOrDefault(name => name != "temperature" && body.ContainsKey(name)) is { } refused) throw Unsupported(refused);
    }

    private static WireException Unsupported(string parameter) =>
        Refusals.Invalid($"Unsupported parameter: '{parameter}' is not supported with this model.", parameter, "unsupported_parameter");

    private static string Listed(List<string> values) =>
        $"{string.Join(", ", values.Take(values.Count - 1).Select(value => $"'{value}'"))}, and '{values[^1]}'";
}
