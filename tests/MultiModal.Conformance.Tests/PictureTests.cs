using MultiModal.Testing.Files;
using MultiModal.Testing.Programs;

namespace MultiModal.Conformance.Tests;

/// <summary>Pictures that are sent in several requests.</summary>
public sealed class PictureTests : ConformanceTest
{
    private readonly SimulatorClient simulator = new();
    private readonly TemporaryFolder folder = new();

    public override async Task DisposeAsync()
    {
        await simulator.DelayAsync(0);
        simulator.Dispose();
        folder.Dispose();
        await base.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_tall_screenshot_is_looked_at_in_tiles_and_its_progress_is_shown_meanwhile()
    {
        var batch = NewBatch();
        await Host.MakeHeldAsync(batch);
        await DropAsync(batch, "chat.png", await TallAsync());
        await Host.WaitForStatusAsync(batch, "held");
        var before = await simulator.CallsAsync();
        await simulator.DelayAsync(1500);
        await Host.StartAsync(batch);
        await Host.WaitUntilAsync(
            batch,
            details => details is { } d && d.GetProperty("progress") is { ValueKind: System.Text.Json.JsonValueKind.Object } progress
                && progress.GetProperty("items").GetArrayLength() == 1
                && progress.GetProperty("items")[0].Status() == "running"
                && progress.GetProperty("items")[0].GetProperty("steps").EnumerateArray().Any(s => s.GetProperty("step").GetString() == "optimize-image"),
            "show that its tiles are being looked at");
        await simulator.DelayAsync(0);
        var report = await Host.WaitForReportAsync(batch, _ => true);

        var item = report.Item("chat.png");
        var tiles = item.GetProperty("image").GetProperty("tiles").GetInt32();
        Assert.True(tiles > 1);
        Assert.Equal("succeeded", item.Status());
        Assert.Equal(tiles, await simulator.MediaCallsSinceAsync(before));
        Assert.Equal(
            Enumerable.Range(0, tiles),
            item.GetProperty("steps").EnumerateArray().Where(s => s.GetProperty("step").GetString() == "analyze-image")
                .Select(s => s.GetProperty("tile").GetInt32()));

        Assert.Equal(0, (await Host.RunAgainAsync(batch)).Spent());
        Assert.Equal(tiles, await simulator.MediaCallsSinceAsync(before));
    }

    [SkippableFact]
    public async Task Both_pages_of_a_TIFF_are_looked_at()
    {
        var file = folder["pages.tif"];
        await Tool.ImageMagickAsync("-size", "600x400", $"plasma:#{NewColour()}-#{NewColour()}", $"plasma:#{NewColour()}-#{NewColour()}", file);
        var batch = NewBatch();
        var before = await simulator.CallsAsync();
        var report = await RunAsync(batch, ("scan.tif", await File.ReadAllBytesAsync(file)));

        var image = report.Item("scan.tif").GetProperty("image");
        Assert.Equal(2, image.GetProperty("pages").GetInt32());
        Assert.Contains("Page 2: ", image.GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, await simulator.MediaCallsSinceAsync(before));
    }

    private static string NewColour() => System.Security.Cryptography.RandomNumberGenerator.GetHexString(6);

    /// <summary>A column of lines as a phone shows them, which no picture of the usual size leaves legible.</summary>
    private async Task<byte[]> TallAsync()
    {
        var file = folder["tall.png"];
        var lines = Enumerable.Range(0, 180).Select(line => $"{line}: {NewText("The ferry leaves")[..34]}");
        await Tool.ImageMagickAsync(
            "-size", "1000x12000", "xc:white", "-fill", "black", "-pointsize", "34", "-interline-spacing", "24", "-annotate", "+60+80",
            string.Join('\n', lines), file);
        return await File.ReadAllBytesAsync(file);
    }
}
