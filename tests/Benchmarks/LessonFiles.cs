using NetVips;

namespace MultiModal.Benchmarks;

/// <summary>
/// The files of the lesson's benchmark: photographs of 2,560 to 6,028 pixels in width, cut at seeded places from Debian's packages
/// plasma-workspace-wallpapers and ukui-wallpapers, and recordings of 8 seconds. Seven files in nine are photographs.
/// </summary>
internal static class LessonFiles
{
    private const int Narrowest = 2560;
    private const int Widest = 6028;
    private const int Quality = 90;
    private const int SecondsOfSpeech = 8;
    private const int SamplesPerSecond = 16_000;

    private static readonly string[] Folders = ["/usr/share/wallpapers", "/usr/share/backgrounds"];

    /// <summary>Writes the files into a folder; the same number gives the same files where the same packages are installed.</summary>
    /// <returns>What the photographs were made of.</returns>
    public static async Task<string> MakeAsync(string folder, int count)
    {
        var photos = (int)Math.Round(count * 7 / 9.0);
        var sources = Folders.Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateFiles(f, "*", SearchOption.AllDirectories))
            .Where(f => Path.GetExtension(f) is ".jpg" or ".png" && !f.Contains("screenshot", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).ToList();
        var random = new Random(14);
        for (var number = 0; number < photos; number++)
        {
            var width = photos == 1 ? Narrowest : Narrowest + ((Widest - Narrowest) * number / (photos - 1));
            var height = width * 2 / 3;
            var path = Path.Combine(folder, $"photo{number:D3}.jpg");
            if (sources.Count == 0)
            {
                await File.WriteAllBytesAsync(path, TestImage.Photo(number, width, height));
                continue;
            }

            using var source = Image.NewFromFile(sources[random.Next(sources.Count)]);
            using var flat = source.HasAlpha() ? source.Flatten() : source;
            using var large = flat.Resize(Math.Max(1, Math.Max((double)width / flat.Width, (double)height / flat.Height) * 1.02));
            using var cut = large.Crop(random.Next(large.Width - width), random.Next(large.Height - height), width, height);
            cut.Jpegsave(path, q: Quality);
        }

        var speech = await RequestsBenchmark.SpokenAsync();
        for (var number = 0; number < count - photos; number++)
        {
            var volume = 1 - (number / 4000.0);
            short[] samples = [.. Enumerable.Range(0, SecondsOfSpeech * SamplesPerSecond).Select(i => (short)(speech[i % speech.Length] * volume))];
            await File.WriteAllBytesAsync(Path.Combine(folder, $"recording{number:D3}.wav"), Wav.Of(samples, SamplesPerSecond));
        }

        return sources.Count > 0 ? $"{sources.Count} wallpapers" : "noise, because no wallpapers are installed";
    }
}
