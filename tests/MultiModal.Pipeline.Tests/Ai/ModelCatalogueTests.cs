using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AzureOpenAISimulator.Wire;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Tests.Ai;

public partial class ModelCatalogueTests
{
    private static readonly ModelCatalogue BuiltIn = ModelCatalogue.BuiltIn;

    [Fact]
    public void Every_source_that_is_named_is_in_the_list_with_its_day()
    {
        var named = BuiltIn.Models.SelectMany(
            m => new[] { m.Source, m.OpenAI?.Source, m.Azure?.Source, m.Chat?.Images?.Source }.Concat(m.Prices.Select(p => p.Source)));
        // A row for models that have none of their own says in words why.
        Assert.DoesNotContain(named.OfType<string>(), key => !key.Contains(' ', StringComparison.Ordinal) && !BuiltIn.Sources.ContainsKey(key));
    }

    [Fact]
    public void The_effort_that_is_sent_is_the_least_that_is_taken()
    {
        foreach (var chat in BuiltIn.Models.Select(m => m.Chat).OfType<ChatTerms>()
            .Where(c => c.Efforts is not null)) Assert.Equal(chat.Efforts![0], chat.Effort);
    }

    [Fact]
    public void Writing_into_the_cache_is_asked_for_by_marks_wherever_it_is_charged()
    {
        foreach (var model in BuiltIn.Models.Where(m => m.Chat is not null))
        {
            Assert.Equal((model.Name, model.Prices.Any(p => p.CacheWrite is not null)), (model.Name, model.Chat!.CacheBreakpoints == true));
        }
    }

    [Fact]
    public void The_table_in_the_documents_has_the_image_rule_of_every_model()
    {
        var table = File.ReadAllLines(Repository.File("docs", "media.md"));
        foreach (var model in BuiltIn.Models.Where(m => m.Chat?.Images is not null && m.KeyedAs != "gpt-5-chat" && m.Name != "gpt-4o-2024-05-13"))
        {
            var row = table.SingleOrDefault(line => line.StartsWith('|') && line.Contains($"`{model.Name}`", StringComparison.Ordinal));
            var rule = model.Chat!.Images!;
            var said = rule.Tiles is { } tiles
                ? string.Create(CultureInfo.InvariantCulture, $"| tiles | {tiles.Once} | {tiles.Once} + {tiles.Each} for each tile |")
                : string.Create(CultureInfo.InvariantCulture, $"| patches × {rule.Patches!.Multiplier} | {Limits(rule.Patches.Low)} | ")
                    + (rule.Patches.Low == rule.Patches.High ? "the same" : Limits(rule.Patches.High));
            Assert.True(row?.Contains(said, StringComparison.Ordinal) == true, $"{model.Name}: {said}");
        }

        static string Limits(PatchLimits limits) => string.Create(
            CultureInfo.InvariantCulture, $"{limits.Edge} pixels{(limits.Patches is { } patches ? $", {patches} patches" : "")}");
    }

    [Fact]
    public async Task The_catalogue_is_as_its_schema_says_and_no_member_of_it_may_be_missing()
    {
        var schema = await NJsonSchema.JsonSchema.FromFileAsync(Repository.File("docs", "models.schema.json"));
        var text = await File.ReadAllTextAsync(Repository.File("src", "MultiModal.Pipeline", "Ai", "Models", "models.json"));
        Assert.Empty(schema.Validate(text));
        foreach (var broken in new Action<JsonObject>[]
        {
            model => model.Remove("released"), model => model["capability"] = "song", model => model["released"] = "yesterday",
            model => model["prices"]![0]!["input"] = "free", model => model["nonsense"] = 1,
        })
        {
            var catalogue = JsonNode.Parse(text)!;
            broken(catalogue["models"]!.AsArray().First(m => m!["prices"]!.AsArray().Count > 0)!.AsObject());
            Assert.NotEmpty(schema.Validate(catalogue.ToJsonString()));
        }
    }

    /// <summary>What 33e71b3 wrote into keys of cached answers: none of it may change, or the answers are paid again.</summary>
    [Theory]
    [InlineData("gpt-4o", "gpt-4o", "Tile85")]
    [InlineData("gpt-4o-2024-05-13", "gpt-4o", "Tile85")]
    [InlineData("gpt-4.1-mini", "gpt-4.1-mini", "Patch162")]
    [InlineData("gpt-4.1-nano", "gpt-4.1-nano", "Patch246")]
    [InlineData("gpt-5-mini", "gpt-5-mini", "Patch162")]
    [InlineData("gpt-5-nano", "gpt-5-nano", "Patch246")]
    [InlineData("gpt-5-chat-latest", "gpt-5-chat", "Tile70")]
    [InlineData("o4-mini", "o4-mini", "Patch172")]
    [InlineData("gpt-5.1", "gpt-5.", "Unknown")]
    [InlineData("gpt-5.6-luna", "gpt-5.", "Unknown")]
    [InlineData("gpt-6-luna", "unknown model", "Unknown")]
    public void Keys_of_cached_answers_name_a_model_as_they_always_did(string model, string keyedAs, string sizing)
    {
        var family = ModelFamilies.BuiltIn.ChatOf(model, ModelFamilies.UnknownServiceChat);
        Assert.Equal((keyedAs, sizing), (family.KeyedAs, family.Sizing.ToString()));
    }

    [Fact]
    public void The_default_at_OpenAI_is_the_cheapest_model_that_lasts_and_of_which_prices_and_image_tokens_are_published()
    {
        var prices = PriceBook.Open(null, BuiltIn);
        var lasting = BuiltIn.Models
            .Where(m => m.OpenAI is { Retired: null } && m.Chat?.Images is { Source: "images-august" })
            .Select(m => (m.Name, Usd: prices.Find(m.Name, EngineKind.OpenAI, BuiltIn.ReadOn)?.PriceOf(
                new Usage(m.Chat!.Images!.Count("high", 1024, 1024), OutputTokens: 300))))
            .Where(m => m.Usd is not null)
            .ToList();
        Assert.True(lasting.Count > 3);
        Assert.Equal(lasting.MinBy(m => m.Usd).Name, BuiltIn.Defaults!.OpenAI.Chat[0]);
    }

    [Fact]
    public void What_earlier_versions_asked_by_default_stays_among_the_defaults()
    {
        Assert.Contains("gpt-4.1-mini", BuiltIn.Defaults!.OpenAI.Chat);
        Assert.Contains("whisper-1", BuiltIn.Defaults.OpenAI.Transcription);
        Assert.Equal(["gpt-4.1-mini", "whisper"], BuiltIn.Defaults.Azure.Chat.Concat(BuiltIn.Defaults.Azure.Transcription));
    }

    [Fact]
    public void Every_row_that_is_built_in_says_how_keys_name_it() =>
        Assert.All(BuiltIn.Models, m => Assert.True(m.KeyedAs is not null && (m.Chat is null || m.Chat.Sizing is not null), m.Name));

    [Fact]
    public void The_built_in_catalogue_keeps_the_rules_that_a_file_of_the_host_is_held_to() =>
        Assert.Empty(CatalogueRules.Check(BuiltIn, BuiltIn));

    [Fact]
    public void No_code_names_a_model()
    {
        var files = Directory.EnumerateFiles(Repository.File("src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(folder => folder is "bin" or "obj"))
            .ToList();
        Assert.NotEmpty(files);
        var named = files.SelectMany(File.ReadLines).Select(line => line.Split("//")[0]).Where(line => ModelName().IsMatch(line));
        Assert.Empty(named);
    }

    /// <summary>The simulator's list was written apart from the catalogue.</summary>
    [Fact]
    public void Models_end_at_OpenAI_on_the_days_that_the_simulators_list_has()
    {
        var models = AzureOpenAISimulator.Models.ModelFamilies.All.Where(family => family.Kind != CallKind.ImageGeneration).ToList();
        Assert.Contains(models, family => family.ShutsDown is not null);
        foreach (var family in models)
        {
            var capability = family.Kind == CallKind.Chat ? ModelCapability.Chat : ModelCapability.Transcription;
            Assert.Equal((family.Name, family.ShutsDown), (family.Name, BuiltIn.EndOf(family.Name, capability, EngineKind.OpenAI)?.Day));
        }
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("speech")]
    public void Azd_deploys_a_model_by_default_that_lasts_half_a_year(string kind)
    {
        var bicep = File.ReadAllText(Repository.File("infra", "main.bicep"));
        var parameters = JsonNode.Parse(File.ReadAllText(Repository.File("infra", "main.parameters.json")))!["parameters"]!;
        Assert.Contains("loadJsonContent('../src/MultiModal.Pipeline/Ai/Models/models.json')", bicep, StringComparison.Ordinal);
        Assert.Contains($"empty({kind}ModelVersion) ? last({kind}Row.azure.versions).version", bicep, StringComparison.Ordinal);
        foreach (var (model, version) in new[]
        {
            (BicepDefault($"{kind}Model"), BicepDefault($"{kind}ModelVersion")),
            (AzdDefault($"{kind}Model"), AzdDefault($"{kind}ModelVersion")),
        })
        {
            var row = BuiltIn.Models.Single(m => m.Name == model);

            // Without a version, the template takes the newest one of the catalogue, which it reads itself.
            Assert.Empty(version);
            var retired = row.Azure!.Versions[^1].Retired;
            Assert.True(retired >= BuiltIn.ReadOn.AddMonths(6), $"{model} ends too soon, or nobody knows when: {retired:o}");
        }

        string BicepDefault(string name) => Regex.Match(bicep, $"param {name} string = '([^']*)'").Groups[1].Value;

        string AzdDefault(string name) => Default().Match(parameters[name]!["value"]!.GetValue<string>()).Groups[1].Value;
    }

    [GeneratedRegex("\"[^\"]*(gpt-[0-9a-z]|whisper-[0-9]|o[134]-mini)|\"whisper\"")]
    private static partial Regex ModelName();

    [GeneratedRegex(@"=([^}]*)\}$")]
    private static partial Regex Default();
}
