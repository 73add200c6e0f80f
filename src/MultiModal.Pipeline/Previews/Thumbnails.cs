using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Previews;

/// <summary>
/// Small pictures of images, made of the picture that was sent: that one is small already, and this product has encoded it itself, so that no file
/// of a stranger is decoded again. Each is made once and kept beside the picture, with which it is deleted.
/// </summary>
public sealed class Thumbnails(MediaAccount account, IImageEngine images, WorkFolder workFolder) : IDisposable
{
    /// <summary>Longest side, in pixels.</summary>
    public const int Edge = 320;

    /// <summary>Ends the name of a thumbnail, which begins with that of its picture.</summary>
    private const string Ending = ".thumbnail-320";

    private const int JpegQuality = 80;

    /// <summary>The pictures are ours; this is only as many pixels as no model is sent.</summary>
    private const long MaxPixels = 100_000_000;

    /// <summary>Thumbnails that are made at a time. They take no place in the line of runs, which may be held for minutes.</summary>
    private readonly SemaphoreSlim places = new(2, 2);

    /// <summary>Finds the thumbnail of an image, or makes it.</summary>
    /// <returns>The blob with it; null where the picture itself is gone from the cache.</returns>
    public async Task<BlobClient?> FindAsync(SentPicture picture, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var image = picture.Image;
        if (image.Tiles is null && Math.Max(image.SentWidth, image.SentHeight) <= Edge) return account.Cache.GetBlobClient(picture.CacheName);
        foreach (var source in Sources(picture))
        {
            var thumbnail = account.Cache.GetBlobClient(source + Ending);
            if (await thumbnail.ExistsAsync(cancellationToken) || await MakeAsync(source, thumbnail, cancellationToken)) return thumbnail;
        }

        return null;
    }

    public void Dispose() => places.Dispose();

    /// <summary>
    /// The pictures that a thumbnail may be made of. An image that is sent in tiles was shrunk as a whole first; where that picture is gone, there is
    /// the first tile.
    /// </summary>
    private static IEnumerable<string> Sources(SentPicture picture)
    {
        if (picture.Image.Whole is { } whole) yield return whole;
        yield return picture.CacheName;
    }

    /// <returns>False where the source is gone.</returns>
    private async Task<bool> MakeAsync(string source, BlobClient thumbnail, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken);
        try
        {
            using var space = workFolder.Create();
            var path = space.File("sent");
            await account.Cache.GetBlobClient(source).DownloadToAsync(path, cancellationToken);
            var made = await images.OptimizeAsync(path, new OptimizeRequest(Edge, MaxPixels, JpegQuality, Edge: Edge), cancellationToken);
            if (!made.Succeeded) throw new InvalidOperationException($"The picture {source} could not be read: {made.Failure.Code}.");
            await thumbnail.UploadAsync(
                new BinaryData(made.Value.Bytes),
                new BlobUploadOptions
                {
                    HttpHeaders = new BlobHttpHeaders { ContentType = made.Value.MediaType },
                    Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
                },
                cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.IsConditionNotMet())
        {
            return true;
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            return false;
        }
        finally
        {
            places.Release();
        }
    }
}
