using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Places;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Steps;

/// <summary>
/// Finds pictures that are the same, encoded or resized differently. They are compared as they are sent: a model cannot say what it is not shown.
/// </summary>
internal sealed class DuplicatePictures(ContentCache cache, CpuLine places)
{
    /// <summary>Bytes of pixels that are kept of pictures that were compared.</summary>
    private const int KeptBytes = 64 << 20;

    /// <summary>
    /// Adds the sketch to an image that can be compared: one picture that is sent whole. What the report has a note on (a frame of an animation, the
    /// rest of a damaged file) and what cannot be read stand for themselves.
    /// </summary>
    /// <param name="batch">The batch that it is done for.</param>
    /// <param name="image">An optimised image.</param>
    /// <param name="pages">Number of its pages that are looked at.</param>
    /// <param name="cancellationToken">Token that ends the call.</param>
    public async Task<OptimizedImageRecord> SketchAsync(BatchName batch, OptimizedImageRecord image, int pages, CancellationToken cancellationToken)
    {
        if (pages != 1 || image is not { Tiles: null, Note: null, Shortfall: null, Incomplete: null }) return image;
        var pixels = await ReadAsync(batch, image, cancellationToken);
        return pixels is null ? image : image with { Sketch = Convert.ToBase64String(pixels.Sketch()) };
    }

    /// <param name="batch">The batch that it is done for.</param>
    /// <param name="pictures">Pictures and their positions in the inventory, in its order.</param>
    /// <param name="cancellationToken">Token that ends the call.</param>
    /// <returns>Those that are the same as an earlier one. A picture that is the same as several is that of the first of them.</returns>
    public async Task<IReadOnlyList<SimilarPicture>> FindAsync(
        BatchName batch, IEnumerable<(int Index, OptimizedImageRecord Image)> pictures, CancellationToken cancellationToken)
    {
        var found = new List<SimilarPicture>();
        var byLevel = new Dictionary<int, List<Sketched>>();
        var read = new RecentlyUsed<int, SentPixels>(KeptBytes, pixels => pixels.Bytes);
        foreach (var (index, image) in pictures)
        {
            if (image.Sketch is not { } sketch) continue;
            var picture = new Sketched(index, image, Convert.FromBase64String(sketch));
            if (await FirstAsync(picture) is { } same) found.Add(same);
            else if (byLevel.TryGetValue(picture.Level, out var others)) others.Add(picture);
            else byLevel[picture.Level] = [picture];
        }

        return found;

        async Task<SimilarPicture?> FirstAsync(Sketched picture)
        {
            var alike = Enumerable.Range(picture.Level - PictureSketch.Tolerance - 1, (2 * PictureSketch.Tolerance) + 3)
                .SelectMany(level => byLevel.GetValueOrDefault(level, []))
                .Where(other => PictureSketch.MayBeSame(picture.Sketch, other.Sketch))
                .OrderBy(other => other.Index);
            foreach (var other in alike)
            {
                if (await DistanceAsync(picture, other) is not { } distance) continue;
                return new SimilarPicture(picture.Index, other.Index, Math.Round(distance, 3));
            }

            return null;
        }

        async Task<double?> DistanceAsync(Sketched picture, Sketched other)
        {
            if (await PixelsAsync(picture) is not { } one || await PixelsAsync(other) is not { } two) return null;
            using var place = await places.TakeAsync(CpuWork.Image(batch.Value, picture.Image.Bytes, inDecoder: false), cancellationToken);
            return await Task.Run(() => one.DistanceTo(two), cancellationToken);
        }

        async Task<SentPixels?> PixelsAsync(Sketched picture)
        {
            if (read.TryGet(picture.Index, out var known)) return known;
            var pixels = await ReadAsync(batch, picture.Image, cancellationToken);
            if (pixels is not null) read.Set(picture.Index, pixels);
            return pixels;
        }
    }

    private async Task<SentPixels?> ReadAsync(BatchName batch, OptimizedImageRecord image, CancellationToken cancellationToken)
    {
        if ((long)image.SentWidth * image.SentHeight > SentPixels.MostPixels) return null;
        if (await cache.LookAtFileAsync(image.CacheName, cancellationToken) is not { } sent) return null;
        using var place = await places.TakeAsync(CpuWork.Image(batch.Value, image.Bytes, inDecoder: false), cancellationToken);
        return await Task.Run(() => SentPixels.Read(sent), cancellationToken);
    }

    /// <summary>A picture with its sketch, and the mean level of that.</summary>
    private sealed record Sketched(int Index, OptimizedImageRecord Image, byte[] Sketch)
    {
        public int Level { get; } = (int)Sketch.Average(level => (double)level);
    }
}
