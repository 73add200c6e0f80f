using System.Globalization;
using MultiModal.Pipeline.Images;
using NetVips;

namespace MultiModal.Benchmarks;

/// <summary>
/// What <c>optimize-image</c> costs and makes, beside what other libraries do: CPU time (user and system, the median of 7 runs over each
/// photograph), bytes, and likeness to a reference that is shrunk in linear light. All of one run is compared with each other, as ratios, since
/// machines differ. CPU time can be measured while other programs run.
/// </summary>
internal static class ImagesBenchmark
{
    private const int Rounds = 7;
    private const int MostPhotos = 7;
    private const long LeastPixels = 4_000_000;

    /// <summary>Most CPU time, in proportion to libvips by itself.</summary>
    private const double MostCpu = 1.15;

    /// <summary>How much less alike a peer of like quality may be.</summary>
    private const double LikeQuality = 0.005;

    /// <summary>Wallpapers, of Debian's packages <c>plasma-workspace-wallpapers</c> and <c>ukui-wallpapers</c>.</summary>
    private static readonly string[] Folders = ["/usr/share/wallpapers", "/usr/share/backgrounds"];

    public static async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        _ = Libvips.Version; // Sets libvips up as this product does, for its peer as well.
        var photos = Photos(folder);
        var request = new OptimizeRequest(1024, 1_000_000_000, 85, ImageTokenRule.Tile85, MeasuresText: true);
        var ours = ImagePeer.Ours(request);
        ImagePeer[] peers = [ours, ImagePeer.RawLibvips, .. ImagePeer.Others()];
        var totals = peers.ToDictionary(p => p, _ => new Total());
        foreach (var photo in photos)
        {
            var (width, height) = Target(photo, request);
            using var reference = Likeness.Reference(photo, width, height);
            foreach (var peer in peers)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await peer.ShrinkAsync(photo, width, height, 2);
                var made = await peer.ShrinkAsync(photo, width, height, Rounds);
                var cpu = made.CpuMilliseconds.Order().ElementAt(Rounds / 2);
                totals[peer].Add(cpu, made.Bytes.Length, Likeness.Compare(reference, made.Bytes));
            }

            Console.WriteLine(
                $"{Path.GetFileName(photo)} to {width} x {height}: "
                + $"{totals[ours].LastCpu:F0} ms, libvips {totals[ImagePeer.RawLibvips].LastCpu:F0} ms");
        }

        var (own, raw) = (totals[ours], totals[ImagePeer.RawLibvips]);
        Console.WriteLine();
        Console.WriteLine("| | CPU, ms a photo | of libvips | bytes a photo | likeness |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var (peer, total) in totals.OrderBy(t => t.Value.Cpu))
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {peer.Name} | {total.Cpu:F0} | {total.Cpu / raw.Cpu:F2} | {total.Bytes:N0} | {total.Likeness:F4} |"));
        }

        var rivals = totals.Where(t => t.Key != ours && !t.Key.IsLibvips && t.Value.Likeness >= own.Likeness - LikeQuality).ToList();
        var kept = true;
        Promise($"CPU time is at most {MostCpu} of that of libvips", own.Cpu <= MostCpu * raw.Cpu);
        Promise("CPU time is less than that of every other library of like quality", rivals.All(r => own.Cpu < r.Value.Cpu));
        Promise($"likeness is at most {LikeQuality} below that of every peer", totals.Values.All(t => own.Likeness >= t.Likeness - LikeQuality));
        Promise("images have no more bytes than the JPEG of libvips", own.Bytes <= raw.Bytes);
        return kept;

        void Promise(string what, bool holds)
        {
            Console.WriteLine($"{(holds ? "holds" : "BROKEN")}: {what}");
            kept &= holds;
        }
    }

    private static (int Width, int Height) Target(string photo, OptimizeRequest request)
    {
        using var image = Image.NewFromFile(photo);
        return request.TargetOf(image.Width, image.Height);
    }

    /// <summary>The largest photographs that are installed, or as many drawn ones.</summary>
    private static List<string> Photos(TemporaryFolder folder)
    {
        var folders = Environment.GetEnvironmentVariable("BENCHMARK_PHOTOS") is { Length: > 0 } set ? [set] : Folders;
        var found = folders.Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateFiles(f, "*.jpg", SearchOption.AllDirectories))
            .Select(f => new FileInfo(f))
            .Where(f => f.LinkTarget is null && Pixels(f.FullName) >= LeastPixels)
            .OrderByDescending(f => f.Length).ThenBy(f => f.FullName, StringComparer.Ordinal)
            .Select(f => f.FullName)
            .Take(MostPhotos)
            .ToList();
        if (found.Count == MostPhotos) return found;
        Console.WriteLine("There are too few photographs in BENCHMARK_PHOTOS or in /usr/share: drawn ones are used.");
        return [.. Enumerable.Range(1, MostPhotos).Select(seed => Draw(folder[$"drawn{seed}.jpg"], seed))];
    }

    private static long Pixels(string path)
    {
        try
        {
            using var image = Image.NewFromFile(path);
            return (long)image.Width * image.Height;
        }
        catch (VipsException)
        {
            return 0;
        }
    }

    /// <summary>Clouds, leaves and grain, in three colours that differ.</summary>
    private static string Draw(string path, int seed)
    {
        var (width, height) = (3000 + (500 * seed), 2000 + (300 * seed));
        var bands = Enumerable.Range(0, 3).Select(band =>
        {
            using var clouds = Image.Perlin(width, height, cellSize: 512, uchar: false, seed: (seed * 10) + band);
            using var leaves = Image.Perlin(width, height, cellSize: 24, uchar: false, seed: seed * 10);
            using var grain = Image.Gaussnoise(width, height, sigma: 4, mean: 128, seed: (seed * 10) + band);
            return grain + (60 * clouds) + (40 * leaves);
        }).ToArray();
        using var photo = bands[0].Bandjoin(bands[1..]);
        using var bytes = photo.Cast(Enums.BandFormat.Uchar);
        using var coloured = bytes.Copy(interpretation: Enums.Interpretation.Srgb);
        coloured.Jpegsave(path, q: 92);
        foreach (var band in bands) band.Dispose();
        return path;
    }

    private sealed class Total
    {
        private readonly List<(double Cpu, double Bytes, double Likeness)> photos = [];

        public double LastCpu => photos[^1].Cpu;

        public double Cpu => photos.Average(p => p.Cpu);

        public double Bytes => photos.Average(p => p.Bytes);

        public double Likeness => photos.Average(p => p.Likeness);

        public void Add(double cpu, double bytes, double likeness) => photos.Add((cpu, bytes, likeness));
    }
}
