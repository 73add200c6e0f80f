using AzureOpenAISimulator.Media;

namespace AzureOpenAISimulator.Tests.Media;

/// <summary>Headers are read from files that real encoders wrote.</summary>
public sealed class MediaHeaderTests
{
    [SkippableTheory]
    [InlineData("flac", "flac", 0.001)]
    [InlineData("mp3", "mp3", 0.15)]
    [InlineData("ogg", "ogg", 0.001)]
    [InlineData("m4a", "m4a", 0.15)]
    [InlineData("webm", "webm", 0.15)]
    [InlineData("wav", "wav", 0.001)]
    public async Task A_recording_of_ffmpegs_lasts_as_long_as_it_was_made(string extension, string format, double tolerance)
    {
        var codec = extension switch { "ogg" or "webm" => "-c:a libopus", _ => "" };
        var file = await FfmpegAsync($"-f lavfi -i sine=frequency=440:duration=7.3 -ac 1 -ar 48000 {codec}", extension);
        var header = AudioHeader.Read(file);
        Assert.NotNull(header);
        Assert.Equal(format, header.Format);
        Assert.InRange(header.Seconds, 7.3 - tolerance, 7.3 + tolerance);
    }

    [SkippableTheory]
    [InlineData("png")]
    [InlineData("jpg")]
    [InlineData("gif")]
    [InlineData("webp")]
    public async Task An_image_of_ffmpegs_is_as_large_as_it_was_made(string extension)
    {
        var file = await FfmpegAsync("-f lavfi -i testsrc=size=321x123 -frames:v 1", extension);
        var header = ImageHeader.Read(file, out _);
        Assert.Equal((321, 123), (header?.Width, header?.Height));
    }

    [SkippableTheory]
    [InlineData("png")]
    [InlineData("jpg")]
    [InlineData("webp")]
    public async Task Damaged_files_are_refused_without_an_exception(string extension)
    {
        var file = await FfmpegAsync("-f lavfi -i testsrc=size=64x64 -frames:v 1", extension);
        for (var length = 0; length < Math.Min(file.Length, 400); length++)
        {
            var header = ImageHeader.Read(file.AsSpan(0, length), out _);
            if (extension == "png") Assert.Null(header);
        }
    }

    [SkippableTheory]
    [InlineData("flac")]
    [InlineData("mp3")]
    [InlineData("m4a")]
    [InlineData("ogg")]
    public async Task Truncated_recordings_are_read_without_an_exception(string extension)
    {
        var file = await FfmpegAsync("-f lavfi -i sine=frequency=440:duration=1", extension);
        for (var length = 0; length < Math.Min(file.Length, 400); length++)
        {
            Assert.True(AudioHeader.Read(file.AsSpan(0, length)) is not { Seconds: < 0 });
        }
    }

    [SkippableTheory]
    [InlineData("-i sine=frequency=440:duration=1", "flac")]
    [InlineData("-i sine=frequency=440:duration=1", "mp3")]
    [InlineData("-i sine=frequency=440:duration=1", "m4a")]
    [InlineData("-i sine=frequency=440:duration=1", "ogg")]
    [InlineData("-i sine=frequency=440:duration=1 -c:a libopus", "webm")]
    [InlineData("-i sine=frequency=440:duration=1", "wav")]
    [InlineData("-i testsrc=size=64x64 -frames:v 1", "png")]
    [InlineData("-i testsrc=size=64x64 -frames:v 1", "jpg")]
    [InlineData("-i testsrc=size=64x64 -frames:v 1", "gif")]
    [InlineData("-i testsrc=size=64x64 -frames:v 1", "webp")]
    public async Task Mutated_headers_are_read_without_an_exception(string source, string extension)
    {
        var file = await FfmpegAsync($"-f lavfi {source}", extension);
        var random = new Random(20_241_021);
        for (var mutation = 0; mutation < 2000; mutation++)
        {
            var mutated = file.ToArray();
            for (var flips = random.Next(1, 9); flips > 0; flips--) mutated[random.Next(Math.Min(mutated.Length, 300))] = (byte)random.Next(256);
            Assert.True(AudioHeader.Read(mutated) is not { Seconds: < 0 });
            Assert.True(ImageHeader.Read(mutated, out _) is null or { Width: > 0, Height: > 0 });
        }
    }

    private static async Task<byte[]> FfmpegAsync(string arguments, string extension)
    {
        Skip.IfNot(Tool.IsInstalled("ffmpeg"), "ffmpeg is not installed.");
        using var folder = new TemporaryFolder();
        var path = folder[$"made.{extension}"];
        await Tool.FfmpegAsync([.. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), path]);
        return await File.ReadAllBytesAsync(path);
    }
}
