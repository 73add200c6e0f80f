using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ImageMagick;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Decoding;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Programs;
using NetVips;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Processing;
using SkiaSharp;
using SharpImage = SixLabors.ImageSharp.Image;

namespace MultiModal.Benchmarks;

/// <summary>A way to make a JPEG of quality 85 and of a given size out of a photograph.</summary>
/// <param name="Name">Library, and how it is used.</param>
/// <param name="ShrinkAsync">Makes it so many times.</param>
internal sealed record ImagePeer(string Name, Func<string, int, int, int, Task<ShrunkPhoto>> ShrinkAsync)
{
    /// <summary>Whether it is libvips by itself, which this product builds on as well.</summary>
    public bool IsLibvips { get; private init; }

    private const int Quality = 85;

    /// <summary>libvips as its own documentation uses it: the measure of all others.</summary>
    public static ImagePeer RawLibvips { get; } = InProcess("libvips: Thumbnail, Jpegsave", (path, width, height) =>
    {
        using var small = Image.Thumbnail(path, width, height: height, size: Enums.Size.Down);
        return small.JpegsaveBuffer(q: Quality, keep: Enums.ForeignKeep.None);
    }) with
    {
        IsLibvips = true,
    };

    /// <summary>The step of this product, with the choice of format and detail.</summary>
    public static ImagePeer Ours(OptimizeRequest request)
    {
        var decoder = new DecoderProcess(new ProgramRunner(TimeProvider.System), Options.Create(new DecoderOptions()));
        var engine = new NetVipsImageEngine(decoder);
        return new ImagePeer("optimize-image", async (path, _, _, times) =>
        {
            var figures = new List<double>();
            byte[] bytes = [];
            for (var n = 0; n < times; n++)
            {
                var before = CpuTime();
                var made = await engine.OptimizeAsync(path, request, CancellationToken.None);
                figures.Add((CpuTime() - before).TotalMilliseconds);
                bytes = made.Value.Bytes.ToArray();
            }

            return new ShrunkPhoto(figures, bytes);
        });
    }

    public static IEnumerable<ImagePeer> Others()
    {
        yield return InProcess("SkiaSharp: full decode, Mitchell", (path, width, height) =>
        {
            using var full = SKBitmap.Decode(path);
            using var small = full.Resize(new SKImageInfo(width, height), new SKSamplingOptions(SKCubicResampler.Mitchell));
            return Encode(small);
        });
        yield return InProcess("SkiaSharp: full decode, mipmaps", (path, width, height) =>
        {
            using var full = SKBitmap.Decode(path);
            using var small = full.Resize(new SKImageInfo(width, height), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
            return Encode(small);
        });
        yield return InProcess("SkiaSharp: scaled decode, Mitchell", (path, width, height) =>
        {
            using var codec = SKCodec.Create(path);
            var size = codec.GetScaledDimensions((float)width / codec.Info.Width);
            if (size.Width < width) size = codec.GetScaledDimensions(2f * width / codec.Info.Width);
            using var decoded = SKBitmap.Decode(codec, new SKImageInfo(size.Width, size.Height));
            using var small = decoded.Resize(new SKImageInfo(width, height), new SKSamplingOptions(SKCubicResampler.Mitchell));
            return Encode(small);
        });
        yield return InProcess("ImageSharp 2.1: Lanczos3", (path, width, height) =>
        {
            using var image = SharpImage.Load(path);
            image.Mutate(i => i.Resize(width, height, KnownResamplers.Lanczos3));
            using var output = new MemoryStream();
            image.Save(output, new JpegEncoder { Quality = Quality });
            return output.ToArray();
        });
        yield return InProcess("Magick.NET: jpeg:size, Resize", (path, width, height) =>
        {
            var settings = new MagickReadSettings();
            settings.SetDefine(MagickFormat.Jpeg, "size", string.Create(CultureInfo.InvariantCulture, $"{2 * width}x{2 * height}"));
            using var image = new MagickImage(path, settings);
            image.Resize(new MagickGeometry((uint)width, (uint)height) { IgnoreAspectRatio = true });
            image.Strip();
            image.Quality = Quality;
            return image.ToByteArray(MagickFormat.Jpeg);
        });
        if (IsThere("node", "-e", "require('sharp')"))
        {
            yield return Script("sharp (libvips): resize, jpeg", "node", "sharp.cjs") with { IsLibvips = true };
        }

        if (new[] { "python3", "/usr/bin/python3" }.FirstOrDefault(python => IsThere(python, "-c", "import PIL.Image")) is { } found)
        {
            yield return Script("Pillow: draft, Lanczos", found, "pillow.py");
        }
    }

    private static byte[] Encode(SKBitmap bitmap)
    {
        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, Quality);
        return data.ToArray();
    }

    private static TimeSpan CpuTime()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }

    private static ImagePeer InProcess(string name, Func<string, int, int, byte[]> shrink) => new(name, (path, width, height, times) =>
    {
        var figures = new List<double>();
        byte[] bytes = [];
        for (var n = 0; n < times; n++)
        {
            var before = CpuTime();
            bytes = shrink(path, width, height);
            figures.Add((CpuTime() - before).TotalMilliseconds);
        }

        return Task.FromResult(new ShrunkPhoto(figures, bytes));
    });

    /// <summary>A script measures itself, so that the start of its interpreter does not count.</summary>
    private static ImagePeer Script(string name, string program, string script) => new(name, async (path, width, height, times) =>
    {
        var output = Path.GetTempFileName();
        try
        {
            var figures = await Tool.RunAsync(
                program, Path.Combine(AppContext.BaseDirectory, script), path, output, $"{width}", $"{height}", $"{Quality}", $"{times}");
            return new ShrunkPhoto(JsonSerializer.Deserialize<List<double>>(figures)!, await File.ReadAllBytesAsync(output));
        }
        finally
        {
            File.Delete(output);
        }
    });

    private static bool IsThere(string program, params string[] arguments)
    {
        if (!Tool.IsInstalled(program) && !File.Exists(program)) return false;
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

/// <summary>What a peer made.</summary>
/// <param name="CpuMilliseconds">User and system time of each time that it was made.</param>
/// <param name="Bytes">The encoded image.</param>
internal sealed record ShrunkPhoto(IReadOnlyList<double> CpuMilliseconds, byte[] Bytes);
