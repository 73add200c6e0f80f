using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Ai.Selection;
using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Tests.Ai;

/// <summary>A catalogue of models that the host names (<c>Models:Catalogue</c>).</summary>
public sealed class CatalogueFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string File => folder["models.json"];

    [Fact]
    public void Without_a_file_the_built_in_catalogue_holds()
    {
        var choice = new CatalogueChoice(Configuration());
        Assert.Same(ModelCatalogue.BuiltIn, choice.Catalogue);
        Assert.Equal("the built-in catalogue of 2026-11-28", choice.ToString());
    }

    [Fact]
    public void A_file_extends_the_built_in_catalogue_and_its_models_come_first()
    {
        var choice = Chosen(Catalogue(Model("nova-1"), Model("gpt-4o", model => model["chat"]!["contextTokens"] = 64_000)));
        var families = new ModelFamilies(choice.Catalogue);
        Assert.Equal(
            ("nova-1", 64_000, 128_000),
            (families.ChatOf("nova-1-2027-01-05", ModelFamilies.UnknownServiceChat).Name,
                families.ChatOf("gpt-4o", ModelFamilies.UnknownServiceChat).ContextTokens,
                families.ChatOf("gpt-4o-mini", ModelFamilies.UnknownServiceChat).ContextTokens));
        Assert.Equal(
            $"{File} of 2027-01-05 (2 models), 1 of them in place of those in the built-in catalogue of 2026-11-28", choice.ToString());
        Assert.Equal(ModelCatalogue.BuiltIn.Models.Count + 1, choice.Catalogue.Models.Count);
        Assert.Equal($"{File} of 2027-01-05 (1 model) beside the built-in catalogue of 2026-11-28", Chosen(Catalogue(Model("nova-1"))).ToString());
    }

    [Fact]
    public void A_file_can_replace_the_built_in_catalogue()
    {
        var choice = Chosen(Catalogue(Model("nova-1")), ("Models:BuiltIn", "false"));
        Assert.Equal(["nova-1"], choice.Catalogue.Models.Select(m => m.Name));
        Assert.Same(
            ModelFamilies.UnknownServiceChat, new ModelFamilies(choice.Catalogue).ChatOf("gpt-4o", ModelFamilies.UnknownServiceChat));
        Assert.Equal($"{File} of 2027-01-05 (1 model) in place of the built-in catalogue of 2026-11-28", choice.ToString());
        Assert.Equal("gpt-5.6-luna", choice.Defaults.OpenAI.Chat[0]);
    }

    [Fact]
    public void The_built_in_catalogue_is_a_file_that_can_be_named()
    {
        var text = System.IO.File.ReadAllText(Repository.File("src", "MultiModal.Pipeline", "Ai", "Models", "models.json"));
        var choice = Chosen(JsonNode.Parse(text)!.AsObject());
        Assert.Empty(choice.Problems);
        Assert.Equal(ModelCatalogue.BuiltIn.Models.Count, choice.Catalogue.Models.Count);
    }

    /// <summary>What was answered before the file was there is found under the same keys afterwards.</summary>
    [Theory]
    [InlineData("nova-1", "unknown model", ImageTokenRule.Unknown)]
    [InlineData("gpt-4.1-mini", "gpt-4.1-mini", ImageTokenRule.Patch162)]
    [InlineData("gpt-4o-mini-2027", "gpt-4o-mini", ImageTokenRule.Tile2833)]
    [InlineData("gpt-5.7-vega", "gpt-5.", ImageTokenRule.Unknown)]
    public void A_model_whose_row_names_no_key_keeps_the_one_that_it_had(string name, string keyedAs, ImageTokenRule sizing)
    {
        var families = new ModelFamilies(Chosen(Catalogue(Model(name))).Catalogue);
        var family = families.ChatOf(name, ModelFamilies.UnknownServiceChat);
        Assert.Equal((name, keyedAs, sizing), (family.Name, family.KeyedAs, family.Sizing));
        var before = ModelFamilies.BuiltIn.ChatOf(name, ModelFamilies.UnknownServiceChat);
        Assert.Equal((before.KeyedAs, before.Sizing), (family.KeyedAs, family.Sizing));
    }

    [Fact]
    public void A_model_of_a_compatible_server_keeps_its_key_as_well()
    {
        var families = new ModelFamilies(Chosen(Catalogue(Model("llava"))).Catalogue);
        Assert.Equal("compatible server", families.ChatOf("llava", ModelFamilies.CompatibleChat).KeyedAs);
    }

    public static TheoryData<string, string> Mistakes => new()
    {
        { """{"readOn": "2027-01-05", "sources": {}, "models": [""", "line 1, $.models: this is not JSON:" },
        { "{\n\n  oops", "line 3, $: this is not JSON:" },
        { "", "line 1, $: this is not JSON:" },
        { "[]", "line 1, $: it must be an object, and is an array." },
        { """{"readOn": "2027-01-05", "sources": {}}""", "line 1, $: the member 'models' is missing; what is not known is null." },
        { Text(c => c["modles"] = null), "$.modles: there is no member of this name (did you mean 'models'?)." },
        { Text(m => m["capability"] = "song", 0), "$.models[0].capability: it must be 'chat' or 'transcription' or 'imageGeneration', and is 'song'." },
        { Text(m => m["prices"]![0]!["input"] = "free", 0), "$.models[0].prices[0].input: it must be a number or null, and is 'free'." },
        { Text(m => m["prices"]![0]!["input"] = -1, 0), "$.models[0].prices[0].input: it must be 0 or more, and is -1." },
        { Text(m => m["chat"]!["contextTokens"] = 1.5, 0), "$.models[0].chat.contextTokens: it must be a whole number, and is 1.5." },
        { Text(m => m["chat"]!["contextTokens"] = 3e10, 0), "$.models[0].chat.contextTokens: the value is of the right kind" },
        { Text(m => m["released"] = "yesterday", 0), "$.models[0].released: it must have the form ^[0-9]{4}-[0-9]{2}-[0-9]{2}$, and is 'yesterday'." },
        { Text(m => m["released"] = "2026-02-30", 0), "$.models[0].released: the value is of the right kind, and does not exist (such as 2026-02-30)" },
        { Text(m => m["name"] = "", 0), "$.models[0].name: it is empty." },
        { Text(m => m["transcription"] = null, 0, m => m["capability"] = "transcription"), "$.models[0].chat: only a model that chats has it." },
        { Text(m => m["name"] = "nova-1", 1), "$.models[1].name: 'nova-1' is in the file twice." },
        { Text(m => m["name"] = "NOVA-1", 1), "$.models[1].name: 'NOVA-1' is in the file twice." },
        {
            Text(m => m["prices"]!.AsArray().Add(m["prices"]![0]!.DeepClone()), 0),
            "$.models[0].prices[1]: another price of the same provider begins on the same day."
        },
        { Text(m => m["chat"]!["effort"] = "least", 0), "$.models[0].chat.effort: 'least' is not among the efforts." },
        { Text(m => m["chat"]!["answerTokens"] = 900_000, 0), "$.models[0].chat.answerTokens: it is more than the model answers" },
        { Text(m => m["chat"]!["contextTokens"] = 8_000, 0), "$.models[0].chat.answerTokens: it is more than the window holds" },
        { Text(m => m["chat"]!["images"]!["patches"]!["original"] = null, 0), "$.models[0].chat.images.patches.auto: there is no 'original'." },
        { Text(m => m["openAI"]!["deprecated"] = "2029-01-01", 0), "$.models[0].openAI.retired: it ends before its end is announced." },
        { Text(m => m["azure"]!["versions"]![0]!["deprecated"] = "2029-01-01", 0), "$.models[0].azure.versions[0].retired: it ends before it is deprecated." },
        {
            Text(m => m["azure"]!["versions"]!.AsArray().Add(m["azure"]!["versions"]![0]!.DeepClone()), 0),
            "$.models[0].azure.versions[1].version: it is there twice."
        },
        { Text(m => m["chat"] = null, 0), "$.models[0].chat: a model that chats has terms for it." },
        { Text(m => m["capability"] = "transcription", 0), "$.models[0].transcription: a model that transcribes has terms for it." },
        { Text(m => m["transcription"] = Hearing(), 0), "$.models[0].transcription: only a model that transcribes has it." },
        {
            Text(m => m["transcription"] = Hearing("srt"), 0, m => m["capability"] = "transcription", m => m["chat"] = null),
            "$.models[0].transcription.format: 'srt' is not among the formats."
        },
        { Text(m => m["chat"]!["images"]!.AsObject().Remove("patches"), 0), "$.models[0].chat.images: it has either tiles or patches." },
        { Text(m => m["source"] = "nowhere", 0), "$.models[0].source: 'nowhere' is not among the sources of the file or of the built-in catalogue." },
        {
            Text(c => c["sources"]!["openai-models"] = new JsonObject { ["text"] = "our own", ["readOn"] = "2027-01-05" }),
            "$.sources.openai-models: the built-in catalogue has another source of this name; give it one of its own."
        },
        { "{\"readOn\": \"2027-01-05\", \"sources\": {},\n\"models\": [],\n\"models\": []}", "line 3, $.models: the object has this member twice." },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_with_its_place(string text, string said)
    {
        System.IO.File.WriteAllText(File, text);
        var choice = new CatalogueChoice(Configuration(("Models:Catalogue", File)));
        Assert.Contains(choice.Problems, p => p.Contains(said, StringComparison.Ordinal));
        Assert.All(choice.Problems, problem => Assert.StartsWith($"Models:Catalogue: {File}, line ", problem, StringComparison.Ordinal));
        Assert.All(choice.Problems, problem => Assert.EndsWith(".", problem, StringComparison.Ordinal));
        Assert.Same(ModelCatalogue.BuiltIn, choice.Catalogue);
    }

    [Fact]
    public void A_model_of_the_file_is_warned_of_and_the_day_of_the_file_is_said()
    {
        System.IO.File.WriteAllText(File, Catalogue(Model("nova-1")).ToJsonString());
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2028, 6, 4, 0, 0, 0, TimeSpan.Zero));
        using var engines = Engines.With(
            clock, ("Models:Catalogue", File), ("AZURE_OPENAI_ENDPOINT", "https://mine.openai.azure.com"), ("AZURE_OPENAI_DEPLOYMENT", "nova-1"),
            ("Ai:Speech:Engine", "Off"));
        Assert.Equal(
            "Ai:Vision and Ai:Text use nova-1, which ends on 2028-07-04, in 30 days (as was known on 2027-01-05 of version 2027-01-04; a deployment does "
                + "not say its own version). Deploy its successor, nova-9, and set Ai:Vision:Deployment and Ai:Text:Deployment to that deployment.",
            Assert.Single(engines.Watch.Warnings).Message);
    }

    [Theory]
    [InlineData(null, "audio/flac", 8)]
    [InlineData("audio/wav audio/mpeg", "audio/wav", 2)]
    public void A_transcription_model_of_the_file_has_its_limits(string? mediaTypes, string preferred, int count)
    {
        var row = Model("nova-hears", model =>
        {
            model["capability"] = "transcription";
            model["chat"] = null;
            model["transcription"] = Hearing();
            if (mediaTypes is not null) model["transcription"]!["mediaTypes"] = new JsonArray([.. mediaTypes.Split(' ').Select(type => (JsonNode)type)]);
        });
        System.IO.File.WriteAllText(File, Catalogue(row).ToJsonString());
        using var engines = Engines.With(
            TimeProvider.System, ("Models:Catalogue", File), ("AZURE_OPENAI_ENDPOINT", "https://mine.openai.azure.com"),
            ("Ai:Speech:Deployment", "nova-hears"), ("Ai:Vision:Engine", "Off"), ("Ai:Text:Engine", "Off"));
        var limits = engines.Set.Speech!.Limits;
        Assert.Equal(((10 << 20) - (64 << 10), 1200), (limits.MaxBytes, limits.MaxSeconds));
        Assert.Equal((preferred, count), (limits.PreferredMediaType, limits.MediaTypes.Count));
        Assert.Equal("speech-1 unknown model", engines.Set.Speech.Identity.Version);
    }

    [Fact]
    public void The_file_can_name_the_models_that_are_asked_by_default()
    {
        var catalogue = Catalogue(Model("nova-1"));
        catalogue["defaults"] = JsonNode.Parse(
            """{"openAI": {"chat": ["nova-1", "gpt-5.6-luna"], "transcription": ["gpt-transcribe"]}, "azure": {"chat": ["seeing"], "transcription": ["hearing"]}}""");
        System.IO.File.WriteAllText(File, catalogue.ToJsonString());
        using var openAI = Engines.With(TimeProvider.System, ("Models:Catalogue", File), ("OPENAI_API_KEY", "k"));
        Assert.Equal(["nova-1", "gpt-transcribe", "nova-1"], openAI.Factory.Choices.Select(choice => choice.Model));
        Assert.Equal([("gpt-5.6-luna", "vision-1 gpt-5.")], openAI.Set.Vision!.Identity.Earlier.Select(engine => (engine.Model, engine.Version)));
        using var azure = Engines.With(TimeProvider.System, ("Models:Catalogue", File), ("AZURE_OPENAI_ENDPOINT", "https://mine.openai.azure.com"));
        Assert.Equal(["seeing", "hearing", "seeing"], azure.Factory.Choices.Select(choice => choice.Model));
    }

    [Fact]
    public void A_price_of_the_file_that_is_OpenAIs_alone_is_assumed_for_Azure_as_well()
    {
        var choice = Chosen(Catalogue(Model("nova-1", model => (model["prices"]![0]!["provider"], model["prices"]![0]!["source"]) = ("openAI", "our own count"))));
        var price = MultiModal.Pipeline.Costs.PriceBook.Open(null, choice.Catalogue)
            .Find("nova-1", MultiModal.Pipeline.Ai.EngineKind.AzureOpenAI, new DateOnly(2027, 2, 1))!;
        Assert.Equal((0.24m, true, "our own count", new DateOnly(2027, 1, 5)), (price.InputPerMillion, price.Assumed, price.Source, price.ReadOn));
    }

    [Fact]
    public void The_line_is_that_of_the_value()
    {
        var text = Catalogue(Model("nova-1", model => model["chat"]!["temperature"] = "warm")).ToJsonString(new() { WriteIndented = true });
        System.IO.File.WriteAllText(File, text);
        var line = text.Split('\n').Index().Single(l => l.Item.Contains("\"temperature\"", StringComparison.Ordinal)).Index + 1;
        Assert.Equal(
            [$"Models:Catalogue: {File}, line {line}, $.models[0].chat.temperature: it must be true or false, and is 'warm'."],
            new CatalogueChoice(Configuration(("Models:Catalogue", File))).Problems);
    }

    [Fact]
    public void A_file_that_cannot_be_read_gets_a_sentence()
    {
        Assert.Equal([$"Models:Catalogue: {File} does not exist."], Problems(File));
        Assert.Equal([$"Models:Catalogue: {folder.Path} is a folder."], Problems(folder.Path));
        Assert.Equal(["Models:Catalogue: /dev/zero has more than 4,194,304 bytes, which no catalogue needs."], Problems("/dev/zero"));
        System.IO.File.WriteAllBytes(File, [.. "{\n\"readOn\": \""u8, 0xff, .. "\"}"u8]);
        Assert.Equal([$"Models:Catalogue: {File}, line 2, $: the file is not UTF-8."], Problems(File));

        IReadOnlyList<string> Problems(string path) => new CatalogueChoice(Configuration(("Models:Catalogue", path))).Problems;
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void A_file_of_four_megabytes_is_read_and_one_of_a_byte_more_is_not(int more, bool read)
    {
        var text = Catalogue(Model("nova-1")).ToJsonString();
        System.IO.File.WriteAllText(File, text.PadRight((4 << 20) + more));
        Assert.Equal(read, new CatalogueChoice(Configuration(("Models:Catalogue", File))).Problems.Count == 0);
    }

    [Fact]
    public void A_file_may_begin_with_a_byte_order_mark_and_name_its_schema()
    {
        var catalogue = Catalogue(Model("nova-1"));
        catalogue["$schema"] = "https://example.org/models.schema.json";
        System.IO.File.WriteAllText(File, catalogue.ToJsonString(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        Assert.Empty(new CatalogueChoice(Configuration(("Models:Catalogue", File))).Problems);
    }

    [Fact]
    public void Of_many_mistakes_the_first_twenty_are_named_and_the_others_counted()
    {
        var models = Enumerable.Range(0, 25).Select(i => Model($"nova-{i:00}", model => model["capability"] = "song"));
        System.IO.File.WriteAllText(File, Catalogue([.. models]).ToJsonString());
        var problems = new CatalogueChoice(Configuration(("Models:Catalogue", File))).Problems;
        Assert.Equal((21, $"Models:Catalogue: {File} has 5 more problems."), (problems.Count, problems[^1]));
    }

    /// <summary>Our own check of the schema finds what a library for schemas finds, and nothing else.</summary>
    [Fact]
    public async Task Both_checks_of_the_schema_agree_on_what_is_wrong()
    {
        var library = await NJsonSchema.JsonSchema.FromFileAsync(Repository.File("docs", "models.schema.json"));
        var random = new Random(11);
        var (right, wrong) = (0, 0);
        for (var i = 0; i < 400; i++)
        {
            var catalogue = Catalogue(Model("nova-1"));
            if (i % 4 > 0) Spoil(catalogue, random);
            var text = catalogue.ToJsonString();
            using var document = System.Text.Json.JsonDocument.Parse(text);
            var found = JsonSchema.OfCatalogue.Check(document.RootElement).ToList();
            Assert.True(library.Validate(text).Count > 0 == found.Count > 0, $"{string.Join("; ", found)}: {text}");
            if (found.Count > 0) wrong++;
            else right++;
        }

        Assert.True(right > 50 && wrong > 50, $"{right} right, {wrong} wrong");
    }

    [Fact]
    public void A_schema_with_a_keyword_that_is_not_known_is_refused() =>
        Assert.Throws<NotSupportedException>(() => JsonSchema.Parse("""{"properties": {"a": {"items": {"maximum": 5}}}}"""));

    public void Dispose() => folder.Dispose();

    /// <summary>Replaces, removes or adds one thing somewhere.</summary>
    private static void Spoil(JsonObject catalogue, Random random)
    {
        JsonNode node = catalogue;
        while (true)
        {
            var inner = node switch
            {
                JsonObject o => o.Select(m => m.Value).OfType<JsonNode>().ToList(),
                JsonArray a => a.OfType<JsonNode>().ToList(),
                _ => [],
            };
            if (inner.Count == 0 || random.Next(4) == 0) break;
            node = inner[random.Next(inner.Count)];
        }

        JsonNode?[] values = [null, "text", "2026-01-01", "", -1, 0, 1.5, 7, true, new JsonObject(), new JsonArray(), "openAI"];
        var value = values[random.Next(values.Length)];
        if (node is JsonObject { Count: > 0 } members && random.Next(2) == 0)
        {
            members.Remove(members.ElementAt(random.Next(members.Count)).Key);
        }
        else if (node.Parent is JsonObject parent)
        {
            parent[parent.Single(m => m.Value == node).Key] = value;
        }
        else if (node is JsonObject other)
        {
            other["nonsense"] = value;
        }
    }

    private static JsonObject Hearing(string format = "json") => new()
    {
        ["formats"] = new JsonArray("json", "text"), ["format"] = format, ["timestamps"] = new JsonArray(), ["speakers"] = false, ["prompt"] = true,
        ["keywords"] = true, ["languages"] = "languages[]", ["chunkingStrategy"] = null, ["maxBytes"] = 10 << 20, ["maxSeconds"] = 1200,
        ["billedBySeconds"] = true,
    };

    private static string Text(Action<JsonObject> change)
    {
        var catalogue = Catalogue(Model("nova-1"), Model("nova-3"));
        change(catalogue);
        return catalogue.ToJsonString();
    }

    private static string Text(Action<JsonObject> change, int model, params Action<JsonObject>[] more) => Text(catalogue =>
    {
        foreach (var one in more.Prepend(change)) one(catalogue["models"]![model]!.AsObject());
    });

    private CatalogueChoice Chosen(JsonObject catalogue, params (string Key, string Value)[] settings)
    {
        System.IO.File.WriteAllText(File, catalogue.ToJsonString());
        var choice = new CatalogueChoice(Configuration([("Models:Catalogue", File), .. settings]));
        Assert.Empty(choice.Problems);
        return choice;
    }

    private static JsonObject Catalogue(params JsonObject[] models) => CatalogueRows.Of(models);

    private static JsonObject Model(string name, Action<JsonObject>? change = null) => CatalogueRows.Chat(name, change);

    private static IConfiguration Configuration(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)))
        .Build();
}
