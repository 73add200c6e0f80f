using Microsoft.Extensions.Time.Testing;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Offline;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Pipeline.Tests.Ai.Offline;

public sealed class TesseractVisionEngineTests : IDisposable
{
    private const string Text = "Quarterly report on revenue and cost\nThe northern office shipped 4215 units\nInvoice 20391 is still unpaid";

    private readonly TemporaryFolder folder = new();
    private readonly ProgramRunner programs = new(TimeProvider.System);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("dark on light", 14, "xc:white", "black")]
    [InlineData("light on dark", 14, "xc:#1e2430", "#e0e0e0")]
    [InlineData("large", 40, "xc:white", "black")]
    [InlineData("on a grainy photograph", 24, "plasma:tan-wheat", "#202020")]
    public async Task Text_is_read_line_by_line(string how, int points, string background, string colour)
    {
        var file = folder["text.jpg"];
        var grain = background.StartsWith("plasma", StringComparison.Ordinal) ? new[] { "-attenuate", "0.2", "+noise", "Gaussian" } : [];
        await Tool.ImageMagickAsync(
            ["-size", "1000x420", "-seed", "3", background, "-fill", colour, "-font", "DejaVu-Sans", "-pointsize", $"{points}", "-annotate",
                "+40+80", Text, .. grain, "-quality", "90", file]);
        using var engine = new TesseractVisionEngine(programs, 1);
        var answer = await engine.AnalyzeAsync(await RequestAsync(file), default);
        Assert.True(answer.Outcome.Succeeded, answer.Outcome.Failure?.ToString());
        var (expected, read) = (Words(Text), Words(answer.Outcome.Value.Text));
        Assert.True(expected.Count(read.Contains) >= expected.Length - 1, $"{how}: {answer.Outcome.Value.Text}");
        Assert.InRange(answer.Outcome.Value.Text.Split('\n').Length, 3, 4);
        Assert.Null(answer.Outcome.Value.Description);
        Assert.Empty(answer.Outcome.Value.Tags);
        var attempt = Assert.Single(answer.Attempts);
        Assert.Equal((0, null), (attempt.Status, attempt.Code));
    }

    [Fact]
    public async Task A_very_tall_picture_is_read_in_bands_and_no_line_is_lost_or_read_twice()
    {
        const int lines = 260;
        var file = folder["tall.png"];
        // Lines of the same words would look like columns.
        var pool = "the ferry leaves harbour at nine and comes back with letters for every office in town before evening while people wait".Split(' ');
        var text = string.Join('\n', Enumerable.Range(1, lines).Select(i =>
            $"{1000 + i} {string.Join(' ', Enumerable.Range(0, 4 + (i % 4)).Select(k => pool[((i * 7) + (k * (3 + (i % 5)))) % pool.Length]))}"));
        await Tool.ImageMagickAsync(
            "-size", "1000x12000", "xc:white", "-fill", "black", "-font", "DejaVu-Sans", "-pointsize", "24", "-interline-spacing", "12", "-annotate",
            "+40+80", text, "-depth", "8", file);
        using var engine = new TesseractVisionEngine(programs, 1);
        var answer = await engine.AnalyzeAsync(new VisionRequest(await File.ReadAllBytesAsync(file), "image/png", 1000, 12000), default);
        var read = answer.Outcome.Value.Text.Split('\n').Select(line => line.Split(' ')[0]).ToList();
        Assert.Equal(Enumerable.Range(1, lines).Select(i => $"{1000 + i}"), read);
        Assert.Single(answer.Attempts);
    }

    [Theory]
    [InlineData(72)]
    [InlineData(78)]
    [InlineData(80)]
    [InlineData(84)]
    [InlineData(90)]
    public async Task A_whiteboard_is_read_in_order_whatever_its_quality(int quality)
    {
        var file = folder["board.jpg"];
        await Tool.ImageMagickAsync(
            "-size", "1200x800", "-seed", "11", "plasma:#d8dcd8-#f4f4ee", "-fill", "#203060", "-font", "DejaVu-Sans", "-pointsize", "26", "-annotate",
            "+60+90", Text, "-fill", "#8a3030", "-pointsize", "20", "-annotate", "+700+420", "ask Priya\nby Friday", "-fill", "none", "-stroke",
            "#509050", "-strokewidth", "4", "-draw", "circle 300,560 380,620", "-draw", "line 100,300 1000,330", "-attenuate", "0.12", "+noise",
            "Gaussian", "-quality", $"{quality}", file);
        using var engine = new TesseractVisionEngine(programs, 1);
        var read = (await engine.AnalyzeAsync(new VisionRequest(await File.ReadAllBytesAsync(file), "image/jpeg", 1200, 800), default)).Outcome.Value.Text;
        var words = Words(read);
        var wanted = Words(Text);
        Assert.True(wanted.Count(words.Contains) >= wanted.Length - 1, read);
        int[] places = [.. wanted.Where(words.Contains).Select(word => Array.IndexOf(words, word))];
        Assert.Equal(places.Order(), places);
    }

    [Fact]
    public async Task A_picture_without_text_has_none()
    {
        var file = folder["meadow.jpg"];
        await Tool.ImageMagickAsync(
            "-size", "900x600", "-seed", "7", "plasma:forestgreen-skyblue", "-attenuate", "0.3", "+noise", "Gaussian", "-quality", "85", file);
        using var engine = new TesseractVisionEngine(programs, 1);
        Assert.Equal("", (await engine.AnalyzeAsync(await RequestAsync(file), default)).Outcome.Value.Text);
    }

    [Fact]
    public async Task Text_on_a_transparent_ground_is_read()
    {
        var file = folder["alpha.png"];
        await Tool.ImageMagickAsync(
            "-size", "1000x300", "xc:none", "-fill", "black", "-font", "DejaVu-Sans", "-pointsize", "30", "-annotate", "+40+80", Text, file);
        using var engine = new TesseractVisionEngine(programs, 1);
        Assert.Contains(
            "Quarterly report", (await engine.AnalyzeAsync(await RequestAsync(file), default)).Outcome.Value.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_program_the_failure_says_what_to_install()
    {
        using var engine = new TesseractVisionEngine(programs, 1, program: "no-such-tesseract");
        Assert.False(engine.IsInstalled);
        Assert.Equal("Offline/tesseract", engine.Identity.Name);
        var answer = await engine.AnalyzeAsync(new VisionRequest(new byte[1], "image/png", 1, 1), default);
        Assert.Equal(FailureCodes.TesseractMissing, answer.Outcome.Failure?.Code);
        Assert.Contains("apt-get install tesseract-ocr", answer.Outcome.Failure!.Message, StringComparison.Ordinal);
        Assert.Empty(answer.Attempts);
    }

    [Fact]
    public async Task A_language_without_data_says_what_to_install()
    {
        var file = folder["white.png"];
        await Tool.ImageMagickAsync("-size", "100x100", "xc:white", file);
        using var engine = new TesseractVisionEngine(programs, 1, "tlh");
        var answer = await engine.AnalyzeAsync(await RequestAsync(file), default);
        Assert.Equal(FailureCodes.TesseractMissing, answer.Outcome.Failure?.Code);
        Assert.Contains("tlh", answer.Outcome.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_identity_names_the_version_and_the_languages()
    {
        using var engine = new TesseractVisionEngine(programs, 1, "eng+osd");
        Assert.Matches(@"^Offline/tesseract \d+\.\d+", engine.Identity.Name);
        Assert.Contains("eng+osd", engine.Identity.Version, StringComparison.Ordinal);
        Assert.True(engine.Identity.IsFree);
    }

    [Fact]
    public async Task Content_that_is_not_an_image_is_rejected()
    {
        using var engine = new TesseractVisionEngine(programs, 1);
        var answer = await engine.AnalyzeAsync(new VisionRequest(new byte[100], "image/png", 1, 1), default);
        Assert.Equal(FailureCodes.EngineRejected, answer.Outcome.Failure?.Code);
    }

    [Fact]
    public async Task A_program_that_hangs_is_ended_at_the_time_limit_and_images_wait_for_their_turn()
    {
        var stuck = await ScriptAsync("stuck", "exec sleep 1000");
        var time = new FakeTimeProvider();
        using var engine = new TesseractVisionEngine(new ProgramRunner(time), 1, program: stuck);
        var file = folder["white.png"];
        await Tool.ImageMagickAsync("-size", "100x100", "xc:white", file);
        var request = await RequestAsync(file);
        var reading = engine.AnalyzeAsync(request, default);
        using var cancel = new CancellationTokenSource();
        var waiting = engine.AnalyzeAsync(request, cancel.Token);
        Assert.False(waiting.IsCompleted);
        while (!reading.IsCompleted)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        await cancel.CancelAsync();
        Assert.Equal(FailureCodes.StepTimedOut, (await reading).Outcome.Failure?.Code);
        Assert.True((await reading).Outcome.Failure?.Retryable);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task A_program_that_fails_is_an_engine_fault()
    {
        using var engine = new TesseractVisionEngine(programs, 1, program: await ScriptAsync("broken", "cat >/dev/null; exit 9"));
        var file = folder["white.png"];
        await Tool.ImageMagickAsync("-size", "100x100", "xc:white", file);
        var answer = await engine.AnalyzeAsync(await RequestAsync(file), default);
        Assert.Equal(FailureCodes.EngineFault, answer.Outcome.Failure?.Code);
        Assert.Equal(9, Assert.Single(answer.Attempts).Status);
    }

    private async Task<string> ScriptAsync(string name, string body)
    {
        var script = folder[name];
        await File.WriteAllTextAsync(script, $"#!/bin/sh\n{body}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return script;
    }

    private static async Task<VisionRequest> RequestAsync(string file)
    {
        using var engine = new NetVipsImageEngine(Decoders.Usual);
        var image = (await engine.OptimizeAsync(file, new OptimizeRequest(1024, 10_000_000, 85), default)).Value;
        return new VisionRequest(image.Bytes, image.MediaType, image.Width, image.Height);
    }

    private static string[] Words(string text) => text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
}
