using System.Diagnostics;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Offline;
using Xunit.Abstractions;

namespace MultiModal.Pipeline.Tests.Ai.Offline;

public class ExtractiveTextEngineTests(ITestOutputHelper output)
{
    private static readonly SynthesisInput Sign = new(
        "IMG_0042.jpg", "image", "HARBOUR CAFE\nOpening hours\nMonday to Friday 8:00 - 18:00\nSaturday 9:00 - 14:00\nClosed on Sunday");

    private static readonly SynthesisInput Meeting = new("meeting.mp3", "audio",
        "good morning everyone so today we talk about the opening of the harbour cafe the new coffee machine arrives on tuesday and the supplier "
            + "wants to install it before noon "
        + "so we need to clear the counter on monday evening the budget for the opening party is two thousand euros and maria takes care of the "
        + "invitations "
        + "but the menu is not printed yet and the printer needs the final text by thursday so please send the menu to the printer tomorrow");

    private static readonly SynthesisInput Note = new("todo.md", "text",
        "# Opening of the harbour cafe\n\n- [ ] Order napkins\n- [x] Rent tables\n- Call the supplier about the coffee machine\n\nThe party "
            + "starts at 7 p.m. on Friday. About 40 guests are expected, and Mr. Miller from the harbour office will give a short\nspeech about "
            + "the history of the building.\n");

    [Fact]
    public async Task A_mixed_batch_gets_a_title_a_summary_topics_and_what_is_to_do()
    {
        var document = await SynthesizeAsync(Sign, Meeting, Note);

        Assert.Equal("Opening of the harbour cafe", document.Title);
        Assert.Equal("en", document.Language);
        Assert.Contains(document.Topics, t => t.Contains("harbour cafe", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(document.Topics, t => t.Contains("coffee machine", StringComparison.OrdinalIgnoreCase));
        Assert.Contains("Order napkins", document.ActionItems);
        Assert.Contains("Call the supplier about the coffee machine", document.ActionItems);
        Assert.Contains(document.ActionItems, a => a.Contains("send the menu to the printer", StringComparison.Ordinal));
        Assert.DoesNotContain(document.ActionItems, a => a.Contains("Rent tables", StringComparison.Ordinal));
        Assert.InRange(document.Summary.Length, 80, 900);
        Assert.NotEmpty(document.KeyPoints);
        Assert.DoesNotContain(document.KeyPoints, p => document.Summary.Contains(p, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_sentence_of_a_summary_was_in_the_inputs()
    {
        var document = await SynthesizeAsync(Note);
        var flat = Note.Text.Replace('\n', ' ');
        Assert.All(document.Summary.Split(". "), s => Assert.Contains(s.TrimEnd('.'), flat, StringComparison.OrdinalIgnoreCase));
        Assert.Contains(
            "Mr. Miller from the harbour office will give a short speech about the history of the building.", document.Summary,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "de",
        "Die Lieferung der neuen Maschine ist für Dienstag geplant. Bitte das Lager bis Montag räumen. Der Lieferant braucht die Rechnung, und "
            + "das Büro muss sie noch prüfen.", "Bitte das Lager bis Montag räumen.")]
    [InlineData(
        "fr",
        "La livraison de la nouvelle machine est prévue pour mardi. Veuillez libérer le dépôt avant lundi. Le fournisseur attend la facture et le "
            + "bureau est en train de la vérifier.", "Veuillez libérer le dépôt avant lundi.")]
    [InlineData(
        "es",
        "La entrega de la nueva máquina está prevista para el martes. Por favor, hay que vaciar el almacén antes del lunes. El proveedor espera "
            + "la factura y la oficina la está revisando.", "Por favor, hay que vaciar el almacén antes del lunes.")]
    [InlineData(
        "en",
        "The delivery of the new machine is planned for Tuesday. Please clear the store by Monday. The supplier waits for the invoice, and the "
            + "office is checking it.", "Please clear the store by Monday.")]
    public async Task The_language_is_recognised_and_so_are_its_requests(string language, string text, string action)
    {
        var document = await SynthesizeAsync(new SynthesisInput("note.txt", "text", text));
        Assert.Equal(language, document.Language);
        Assert.Contains(action, document.ActionItems);
        Assert.Contains(document.Topics, t => t.Contains("ma", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("Last year we sold out by noon.")]
    [InlineData("We finished the stall by Friday, two days ago.")]
    [InlineData("The flyers were printed before Monday.")]
    [InlineData("Das Lager war bis Montag leer.")]
    [InlineData("La salle était prête avant lundi.")]
    [InlineData("El almacén fue vaciado antes del lunes.")]
    public async Task A_past_event_is_not_an_action_item(string told)
    {
        var document = await SynthesizeAsync(
            new SynthesisInput("note.txt", "text", $"The market is on Saturday. {told} The bread stall is the largest."));
        Assert.Empty(document.ActionItems);
    }

    [Theory]
    [InlineData("The final text by Thursday.")]
    [InlineData("You need the flyers by Friday.")]
    [InlineData("The flyers were late, and the posters are for us to print by Friday.")]
    [InlineData("Die letzten Fehler bis Freitag.")]
    public async Task A_task_with_a_deadline_is_an_action_item(string asked)
    {
        var document = await SynthesizeAsync(
            new SynthesisInput("note.txt", "text", $"The market is on Saturday. {asked} The bread stall is the largest."));
        Assert.Equal([asked], document.ActionItems);
    }

    [Fact]
    public async Task A_table_of_numbers_has_no_language()
    {
        var document = await SynthesizeAsync(new SynthesisInput("t.csv", "text", "sku;qty\nA-1;12\nB-2;14\nC-3;19"));
        Assert.Null(document.Language);
        Assert.Empty(document.ActionItems);
    }

    [Fact]
    public async Task The_same_inputs_give_the_same_document()
    {
        var first = await SynthesizeAsync(Sign, Meeting, Note);
        var second = await SynthesizeAsync(Sign, Meeting, Note);
        Assert.Equal(PipelineJsonText(first), PipelineJsonText(second));
    }

    [Fact]
    public async Task Thirty_thousand_tokens_take_moments()
    {
        var random = new Random(7);
        var vocabulary = Enumerable.Range(0, 3000).Select(i => $"w{i:x}ord").ToArray();
        var text = string.Join(' ', Enumerable.Range(0, 1200).Select(_ =>
            string.Join(' ', Enumerable.Range(0, 13).Select(_ => vocabulary[(int)(3000 * Math.Pow(random.NextDouble(), 3))])) + "."));
        Assert.InRange(TokenEstimate.ForText(text), 25_000, 50_000);

        var watch = Stopwatch.StartNew();
        var document = await SynthesizeAsync(new SynthesisInput("long.txt", "text", text));
        output.WriteLine($"{watch.ElapsedMilliseconds} ms");
        Assert.NotEmpty(document.Summary);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("word ")]
    [InlineData("[ ] ")]
    [InlineData("please ")]
    [InlineData("日本語")]
    [InlineData("a\n")]
    [InlineData("- ")]
    [InlineData(".")]
    [InlineData("é'")]
    public async Task A_megabyte_without_a_sentence_does_no_harm(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, (1 << 20) / unit.Length));
        var watch = Stopwatch.StartNew();
        var document = await SynthesizeAsync(new SynthesisInput("hostile.txt", "text", text));
        output.WriteLine($"{watch.ElapsedMilliseconds} ms");
        Assert.InRange(document.Title.Length, 1, 80);
        Assert.InRange(document.Summary.Length, 0, 4000);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task The_engine_is_offline_and_free()
    {
        var engine = new ExtractiveTextEngine(TimeProvider.System);
        var answer = await engine.SynthesizeAsync(new SynthesisRequest([Note]), CancellationToken.None);
        Assert.True(engine.Identity.IsFree);
        Assert.Equal(Usage.None, answer.Usage);
        Assert.Single(answer.Attempts);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => engine.SynthesizeAsync(new SynthesisRequest([Note]), new CancellationToken(canceled: true)));
    }

    private static string PipelineJsonText(SynthesisDocument document) => System.Text.Json.JsonSerializer.Serialize(document, PipelineJson.Options);

    private async Task<SynthesisDocument> SynthesizeAsync(params SynthesisInput[] inputs)
    {
        var answer = await new ExtractiveTextEngine(TimeProvider.System).SynthesizeAsync(new SynthesisRequest(inputs), CancellationToken.None);
        var document = answer.Outcome.Value;
        var shown = System.Text.Json.JsonSerializer.Serialize(document, PipelineJson.Indented);
        output.WriteLine(shown[..Math.Min(shown.Length, 4000)]);
        return document;
    }
}
