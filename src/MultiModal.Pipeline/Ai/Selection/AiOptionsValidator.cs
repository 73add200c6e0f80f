using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Ai.Selection;

/// <summary>Stops the host at start with messages that name the setting. It runs after <see cref="AiEnvironment"/>.</summary>
/// <param name="catalogue">The models that are known.</param>
internal sealed class AiOptionsValidator(CatalogueChoice catalogue) : IValidateOptions<AiOptions>
{
    public ValidateOptionsResult Validate(string? name, AiOptions options)
    {
        var problems = Enum.GetValues<EngineCapability>()
            .SelectMany(
                capability => Problems(capability, $"{AiOptions.Section}:{capability}", options[capability])
                    .Concat(FallbackProblems(capability, options[capability])))
            .Concat(Problems(options.ImageGeneration))
            .ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private List<string> FallbackProblems(EngineCapability capability, CapabilityOptions first)
    {
        if (first.Second is not { } second) return [];
        var section = $"{AiOptions.Section}:{capability}";
        var own = $"{section}:{nameof(CapabilityOptions.Fallback)}";
        if (capability == EngineCapability.ImageGeneration) return [$"{own} is set, but pictures have no fallback. Remove {own}."];
        if (!first.AsksModel) return [$"{own} is set, but {section} asks no model that could fail. Set {section} to a model, or remove {own}."];
        if (!second.AsksModel)
            return [$"{own}:Engine must be AzureOpenAI or OpenAI: what a fallback answers is kept, and a program's answer would take a model's place."];
        List<string> problems = [.. Problems(capability, own, second)];
        if (capability == EngineCapability.Speech && new[] { first, second }.Any(TellsSpeakers))
            problems.Add($"{own} is set, but a model that tells speakers apart has no fallback and is none. Remove {own}.");
        if (problems.Count == 0 && (second.Engine, second.Asked) == (first.Engine, first.Asked)
            && AiEnvironment.SameAddress(second.Address, first.Address))
            problems.Add($"{own} names what {section} already asks. Set it to another deployment, model or address.");
        return problems;
    }

    private bool TellsSpeakers(CapabilityOptions chosen) =>
        chosen.KnownAs is { } model && catalogue.Catalogue.Find(model, ModelCapability.Transcription)?.Transcription?.Speakers == true;

    private IEnumerable<string> Problems(EngineCapability capability, string section, CapabilityOptions options)
    {
        var pictures = capability == EngineCapability.ImageGeneration;
        var instead = pictures ? "Off" : "Offline or Off";

        if (options.ContextTokens is < 4_096 or > 10_000_000) yield return $"{section}:ContextTokens must be from 4,096 to 10,000,000 tokens.";

        if (options.MaxConcurrency is < 1 or > 1024) yield return $"{section}:MaxConcurrency must be from 1 to 1,024 requests.";

        // While the host's catalogue cannot be read, nobody knows what it has.
        var asked = AskedCapability.Of(capability);
        if (options.ModelFamily is { Length: > 0 } family && catalogue.Problems.Count == 0 && catalogue.Catalogue.Find(family, asked) is null)
        {
            var known = catalogue.Catalogue.Models.Where(m => m.Capability == asked).Select(m => m.Name);
            yield return $"{section}:ModelFamily '{family}' is not known. It must be one of {string.Join(", ", known)}.";
        }

        switch (options.Engine)
        {
            case EngineKind.AzureOpenAI when options.Endpoint is null:
                yield return $"{section} uses Azure OpenAI, which needs an endpoint. Set AZURE_OPENAI_ENDPOINT or {section}:Endpoint, such as "
                    + "https://mine.openai.azure.com.";
                break;
            case EngineKind.AzureOpenAI
                when !IsWeb(options.Endpoint, out var endpoint)
                || !(endpoint.Scheme == Uri.UriSchemeHttps || endpoint.IsLoopback):
                yield return $"{section}:Endpoint (or AZURE_OPENAI_ENDPOINT) must be an https:// address.";
                break;
            case EngineKind.AzureOpenAI when options.Deployment is null:
                yield return $"{section} uses Azure OpenAI. Set {section}:Deployment to the name of the deployment that makes pictures, or "
                    + $"{section}:Engine to Off.";
                break;
            case EngineKind.Offline when pictures:
                yield return $"{section}:Engine cannot be Offline, because no program on this machine makes pictures.";
                break;
            case EngineKind.Whisper when capability != EngineCapability.Speech:
                yield return $"{section}:Engine cannot be Whisper, which hears recordings alone.";
                break;
            case EngineKind.OpenAI when !IsWeb(options.BaseUrl, out _):
                yield return $"{section}:BaseUrl (or OPENAI_BASE_URL) must be an http:// or https:// address.";
                break;
            case EngineKind.OpenAI when options.Key is null && new Uri(options.BaseUrl!).Host == new Uri(AiEnvironment.OpenAIBaseUrl).Host:
                yield return $"{section} uses OpenAI, which needs a key. Set OPENAI_API_KEY or {section}:Key, or {section}:BaseUrl for another "
                    + $"server, or {section}:Engine to {instead}.";
                break;
            case EngineKind.OpenAI when pictures && options.Model is null && AiEnvironment.IsOpenAIItself(options.BaseUrl):
                yield return $"{section} uses OpenAI. Set {section}:Model to the name of a model that makes pictures, or {section}:Engine to Off.";
                break;
            case EngineKind.OpenAI when options.Model is null:
                yield return $"{section} uses the server at {new Uri(options.BaseUrl!).GetLeftPart(UriPartial.Authority)}. Set {section}:Model to "
                    + $"the name of a model that it serves, or {section}:Engine to {instead}.";
                break;
        }
    }

    private static IEnumerable<string> Problems(ImageGenerationOptions options)
    {
        var limits = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), limits, validateAllProperties: true);
        foreach (var limit in limits) yield return limit.ErrorMessage!;
        if (!PictureSize.TryParse(options.Size, out _))
        {
            yield return $"{AiOptions.Section}:{nameof(AiOptions.ImageGeneration)}:{nameof(options.Size)} must be a size such as 1536x1024: {PictureSize.Rule}.";
        }
    }

    private static bool IsWeb(string? text, out Uri address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address!) && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp);
}
