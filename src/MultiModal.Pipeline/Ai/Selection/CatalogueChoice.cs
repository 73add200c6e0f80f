using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai.Models;

namespace MultiModal.Pipeline.Ai.Selection;

/// <summary>
/// The catalogue that the host chose: the built-in one, extended or replaced by its own file. It is read before all options, because the defaults of
/// section <c>Ai</c> come from it.
/// </summary>
public sealed class CatalogueChoice
{
    private readonly ModelCatalogue? own;
    private readonly string? path;

    /// <param name="configuration">With section <c>Models</c>.</param>
    public CatalogueChoice(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection(ModelOptions.Section);
        path = section[nameof(ModelOptions.Catalogue)] is { } given && !string.IsNullOrWhiteSpace(given) ? given : null;
        if (path is null) return;
        own = CatalogueFile.Read(path, ModelCatalogue.BuiltIn, out var problems);
        Problems = [.. problems.Select(problem => $"{ModelOptions.Section}:{nameof(ModelOptions.Catalogue)}: {problem}")];
        if (own is null) return;

        // A value that is neither is named by the settings' own check.
        var extends = !bool.TryParse(section[nameof(ModelOptions.BuiltIn)], out var builtIn) || builtIn;
        Catalogue = extends ? ModelCatalogue.BuiltIn.With(own) : own with { Sources = ModelCatalogue.BuiltIn.With(own).Sources };
    }

    /// <summary>The catalogue; the built-in one where there are <see cref="Problems"/>.</summary>
    public ModelCatalogue Catalogue { get; } = ModelCatalogue.BuiltIn;

    /// <summary>A sentence for each thing that is wrong with the host's file.</summary>
    public IReadOnlyList<string> Problems { get; } = [];

    /// <summary>The models that are asked where the host names none.</summary>
    public CatalogueDefaults Defaults => Catalogue.Defaults ?? ModelCatalogue.BuiltIn.Defaults!;

    public override string ToString()
    {
        var builtIn = string.Create(CultureInfo.InvariantCulture, $"the built-in catalogue of {ModelCatalogue.BuiltIn.ReadOn:yyyy-MM-dd}");
        if (own is null) return builtIn;
        var replaced = own.Models.Count(ModelCatalogue.BuiltIn.Has);
        var models = own.Models.Count == 1 ? "model" : "models";
        var mine = string.Create(CultureInfo.InvariantCulture, $"{path} of {own.ReadOn:yyyy-MM-dd} ({own.Models.Count:N0} {models})");
        return Catalogue.Models.Count == own.Models.Count ? $"{mine} in place of {builtIn}"
            : replaced == 0 ? $"{mine} beside {builtIn}"
            : string.Create(CultureInfo.InvariantCulture, $"{mine}, {replaced:N0} of them in place of those in {builtIn}");
    }
}

/// <summary>Stops the host at its start if its catalogue cannot be used.</summary>
internal sealed class CatalogueValidator(CatalogueChoice catalogue) : IValidateOptions<ModelOptions>
{
    public ValidateOptionsResult Validate(string? name, ModelOptions options) =>
        catalogue.Problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(catalogue.Problems);
}
