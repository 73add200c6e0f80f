using System.Globalization;

namespace MultiModal.Pipeline.Ai.Models;

/// <summary>What a catalogue must be beyond its schema.</summary>
internal static class CatalogueRules
{
    /// <param name="catalogue">A catalogue that fits the schema.</param>
    /// <param name="builtIn">Its sources can be named as well.</param>
    /// <returns>What is wrong, with its place.</returns>
    public static IEnumerable<(string Path, string Text)> Check(ModelCatalogue catalogue, ModelCatalogue builtIn)
    {
        foreach (var (key, source) in catalogue.Sources)
        {
            if (builtIn.Sources.TryGetValue(key, out var known) && known != source)
            {
                yield return ($"$.sources.{key}", "the built-in catalogue has another source of this name; give it one of its own");
            }
        }

        var names = new HashSet<(string, ModelCapability)>();
        foreach (var (index, model) in catalogue.Models.Index())
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"$.models[{index}]");
            if (!names.Add((model.Name.ToUpperInvariant(), model.Capability)))
            {
                yield return ($"{path}.name", $"'{model.Name}' is in the file twice");
            }

            foreach (var problem in Check(model)) yield return ($"{path}{problem.Path}", problem.Text);
            foreach (var (place, source) in SourcesOf(model))
            {
                if (!IsKnown(source)) yield return ($"{path}{place}", $"'{source}' is not among the sources of the file or of the built-in catalogue");
            }
        }

        // A sentence says where a row comes from just as well as a key.
        bool IsKnown(string source) =>
            catalogue.Sources.ContainsKey(source) || builtIn.Sources.ContainsKey(source) || source.Contains(' ', StringComparison.Ordinal);
    }

    private static IEnumerable<(string Path, string Text)> Check(CatalogueModel model)
    {
        var (chats, hears) = (model.Capability == ModelCapability.Chat, model.Capability == ModelCapability.Transcription);
        if (chats != model.Chat is not null) yield return (".chat", chats ? "a model that chats has terms for it" : "only a model that chats has it");
        if (hears != model.Transcription is not null)
        {
            yield return (".transcription", hears ? "a model that transcribes has terms for it" : "only a model that transcribes has it");
        }

        if (model.Pictures is not null && model.Capability != ModelCapability.ImageGeneration)
        {
            yield return (".pictures", "only a model that makes pictures has it");
        }

        if (model.OpenAI is { } openAI && openAI.Retired < openAI.Deprecated) yield return (".openAI.retired", "it ends before its end is announced");
        foreach (var (index, version) in (model.Azure?.Versions ?? []).Index())
        {
            var place = string.Create(CultureInfo.InvariantCulture, $".azure.versions[{index}]");
            if (version.Retired < version.Deprecated) yield return ($"{place}.retired", "it ends before it is deprecated");
            if (model.Azure!.Versions.Take(index).Any(v => v.Version == version.Version)) yield return ($"{place}.version", "it is there twice");
        }

        if (model.Chat is { } chat)
        {
            foreach (var problem in Check(chat)) yield return problem;
        }

        if (model.Transcription is { } speech && !speech.Formats.Contains(speech.Format))
        {
            yield return (".transcription.format", $"'{speech.Format}' is not among the formats");
        }

        var days = new HashSet<(EngineKind?, DateOnly?)>();
        foreach (var (index, price) in model.Prices.Index())
        {
            if (days.Add((price.Provider, price.From))) continue;
            yield return (string.Create(CultureInfo.InvariantCulture, $".prices[{index}]"), "another price of the same provider begins on the same day");
        }
    }

    private static IEnumerable<(string Path, string Text)> Check(ChatTerms chat)
    {
        if (chat.Effort is { } effort && chat.Efforts?.Contains(effort) != true) yield return (".chat.effort", $"'{effort}' is not among the efforts");
        if (chat.MaxOutputTokens < chat.AnswerTokens) yield return (".chat.answerTokens", "it is more than the model answers (maxOutputTokens)");
        if (chat.ContextTokens < chat.AnswerTokens) yield return (".chat.answerTokens", "it is more than the window holds (contextTokens)");
        if (chat.Images is { } images && (images.Tiles is null) == (images.Patches is null))
        {
            yield return (".chat.images", "it has either tiles or patches");
        }

        if (chat.Images?.Patches is { Auto: "original", Original: null }) yield return (".chat.images.patches.auto", "there is no 'original'");
    }

    private static IEnumerable<(string Path, string Source)> SourcesOf(CatalogueModel model)
    {
        yield return (".source", model.Source);
        if (model.OpenAI is { } openAI) yield return (".openAI.source", openAI.Source);
        if (model.Azure is { } azure) yield return (".azure.source", azure.Source);
        if (model.Chat?.Images is { } images) yield return (".chat.images.source", images.Source);
        if (model.Pictures is { } pictures) yield return (".pictures.source", pictures.Source);
        foreach (var (index, price) in model.Prices.Index())
        {
            yield return (string.Create(CultureInfo.InvariantCulture, $".prices[{index}].source"), price.Source);
        }
    }
}
