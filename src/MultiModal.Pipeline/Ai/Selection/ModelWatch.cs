using System.Collections.Concurrent;
using System.Globalization;
using MultiModal.Pipeline.Ai.Models;

namespace MultiModal.Pipeline.Ai.Selection;

/// <summary>
/// Knows which of the configured models end soon or have ended. The days come from the list of models at OpenAI, where it was asked and says one,
/// and from the catalogue otherwise. They are warnings only: days move, so that a call is never refused for them.
/// </summary>
public sealed class ModelWatch(EngineFactory factory, ModelCatalogue catalogue, TimeProvider clock)
{
    /// <summary>How long before its end a model is warned of, in days: Azure's own notice for models that are generally available.</summary>
    public const int NoticeDays = 60;

    private readonly ConcurrentDictionary<(Uri Server, string Model), DateOnly?> announced = new();

    /// <summary>One for each model of a provider that ends within <see cref="NoticeDays"/> days or has ended, the first to end first.</summary>
    public IReadOnlyList<ModelWarning> Warnings
    {
        get
        {
            var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
            return
            [
                .. factory.Choices
                    .Where(choice => choice.Address is not null)
                    .GroupBy(choice => (choice.Address, choice.Model, choice.Family))
                    .Select(same => WarningOf([.. same], today))
                    .OfType<ModelWarning>()
                    .OrderBy(warning => warning.EndsOn),
            ];
        }
    }

    /// <summary>Asks the server of a choice for its models, and remembers the days on which they end.</summary>
    /// <returns>Null if it answers and takes our credentials, or if there is no server to ask.</returns>
    public async Task<Failure?> AskAsync(EngineChoice choice, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(choice);
        var list = await factory.ListModelsAsync(choice, cancellationToken);
        if (list.Succeeded && choice.Address is { } server) Remember(server, list.Value);
        return list.Failure;
    }

    /// <param name="server">Address of the server that said it.</param>
    /// <param name="ends">Models with the days on which they end, null where no end is announced.</param>
    internal void Remember(Uri server, IReadOnlyDictionary<string, DateOnly?> ends)
    {
        foreach (var (model, day) in ends) announced[(server, model)] = day;
    }

    private ModelWarning? WarningOf(IReadOnlyList<EngineChoice> users, DateOnly today)
    {
        var choice = users[0];
        var (end, basis) = EndOf(choice);
        if (end?.Day is not { } day || today < day.AddDays(-NoticeDays)) return null;
        var ended = today >= day;
        var when = string.Create(CultureInfo.InvariantCulture, $"{day:yyyy-MM-dd}{(ended ? "" : $", in {day.DayNumber - today.DayNumber} days")}");
        return new(
            ended ? FailureCodes.ModelEnded : FailureCodes.ModelEndsSoon,
            $"{Joined(users, "")} {(users.Count == 1 ? "uses" : "use")} {choice.Model}, which {(ended ? "ended" : "ends")} on {when} ({basis}). "
                + Advice(users, end.Successor),
            choice.Model!, day, end.Successor);
    }

    private string Advice(IReadOnlyList<EngineChoice> users, string? successor)
    {
        var azure = users[0].Engine == EngineKind.AzureOpenAI;
        var mapped = string.IsNullOrWhiteSpace(factory.OptionsOf(users[0]).ModelFamily)
            ? ""
            : $" {Joined(users, nameof(CapabilityOptions.ModelFamily))} must name its model too.";
        var setting = Joined(users, azure ? nameof(CapabilityOptions.Deployment) : nameof(CapabilityOptions.Model));
        return (successor, azure) switch
        {
            (null, _) => $"No successor is known. Set {setting} to another {(azure ? "deployment" : "model")}.{mapped}",
            (_, true) => $"Deploy its successor, {successor}, and set {setting} to that deployment.{mapped}",
            (_, false) => $"Set {setting} to its successor, {successor}.{mapped}",
        };
    }

    private static string Joined(IReadOnlyList<EngineChoice> users, string setting) => string.Join(
        " and ", users.Select(user => $"{user.Section}{(setting.Length > 0 ? ":" : "")}{setting}"));

    private (ModelEnd? End, string Basis) EndOf(EngineChoice choice)
    {
        var chosen = factory.OptionsOf(choice);
        var azure = choice.Engine == EngineKind.AzureOpenAI;
        var known = catalogue.EndOf(chosen.KnownAs!, AskedCapability.Of(choice.Capability), choice.Engine);
        if (!azure && announced.TryGetValue((choice.Address!, choice.Model!), out var day))
        {
            return (new(day, known?.Successor, null, null), "so says its list of models");
        }

        // Another server that speaks OpenAI's API has its models for as long as its operator likes, whatever they are called.
        if (!azure && !AiEnvironment.IsOpenAIItself(chosen.BaseUrl)) known = null;
        var said = string.Create(CultureInfo.InvariantCulture, $"as was known on {known?.ReadOn:yyyy-MM-dd}");
        return (known, known?.Version is { } version ? $"{said} of version {version}; a deployment does not say its own version" : said);
    }
}

/// <summary>A configured model that ends soon, or has ended.</summary>
/// <param name="Code"><see cref="FailureCodes.ModelEndsSoon"/> or <see cref="FailureCodes.ModelEnded"/>.</param>
/// <param name="Message">For people: who uses the model, when it ends, its successor, and the setting to change.</param>
/// <param name="Model">The deployment or model that is configured.</param>
/// <param name="EndsOn">First day, UTC, on which it does not answer.</param>
/// <param name="Successor">The model to use in its place; null where none is known.</param>
public sealed record ModelWarning(string Code, string Message, string Model, DateOnly EndsOn, string? Successor);
