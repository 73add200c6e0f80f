using MultiModal.Pipeline.Runs;

namespace MultiModal.LocalHost.Tests;

[Collection(SharedAzurite.Name)]
public sealed class GreedyProgramTests(AzuriteFixture azurite) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [SkippableFact]
    public async Task A_recording_that_makes_ffmpeg_take_too_much_memory_fails_alone()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Only Linux enforces the limit.");
        await File.WriteAllTextAsync(
            folder["ffmpeg"], "#!/usr/bin/env bash\nx=0123456789abcdef\nwhile [ ${#x} -lt 200000000 ]; do x=$x$x; done\n");
        await Tool.RunAsync("chmod", "u+x", folder["ffmpeg"]);
        await Tool.FfmpegAsync("-f", "lavfi", "-i", "sine=frequency=300:duration=2", folder["sound.wav"]);
        await using var host = await RunningHost.StartAsync(
            azurite.NewConnectionString(), more: [$"Audio:FfmpegPath={folder["ffmpeg"]}", "Programs:MaxMegabytes=128"]);

        await host.Account.Inbox.GetBlobClient("town/sound.wav").UploadAsync(folder["sound.wav"]);
        await host.DropAsync("town/note.txt", "Anna presents the budget.");
        await host.RestedAsync("town");

        var report = await host.ReportAsync("town");
        Assert.Equal([ItemStatus.Succeeded, ItemStatus.Failed], report.Items.Select(i => i.Status));
        Assert.Equal("file-too-large", report.Items[1].Error!.Code);
        Assert.Contains("Programs:MaxMegabytes (128)", report.Items[1].Error!.Message, StringComparison.Ordinal);
    }
}
