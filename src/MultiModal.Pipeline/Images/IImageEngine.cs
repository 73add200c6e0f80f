namespace MultiModal.Pipeline.Images;

/// <summary>An engine that shrinks images. It has two implementations, libvips (NetVips) and ImageSharp, and is safe for concurrent use.</summary>
public interface IImageEngine
{
    /// <summary>Name and version, which are part of the cache fingerprint, such as <c>libvips 8.18.7</c>.</summary>
    string Identity { get; }

    /// <param name="mediaType">Media type by content; null for a JPEG or PNG.</param>
    /// <returns>Whether images of the type are decoded in a process of their own.</returns>
    bool DecodesApart(string? mediaType);

    /// <summary>
    /// Makes the optimised image: orientation applied, colours converted to sRGB, shrunk to <see cref="OptimizeRequest.TargetOf"/> and never
    /// enlarged, all metadata stripped, alpha kept only if some pixel uses it; JPEG for photos, PNG for flat-colour pictures.
    /// </summary>
    /// <param name="filePath">Private temporary file that holds the original.</param>
    /// <param name="request">Limits and options for the image.</param>
    /// <param name="cancellationToken">Token that ends the call. The decoder process ends with it at once; a decode by libvips ends first.</param>
    /// <returns>The optimised image, or <c>corrupt-image</c>, <c>image-too-large</c> (checked before decoding), <c>unsupported-image</c>.</returns>
    Task<Outcome<OptimizedImage>> OptimizeAsync(string filePath, OptimizeRequest request, CancellationToken cancellationToken);

    /// <summary>Cuts an image into tiles, each encoded as by <see cref="OptimizeAsync"/>.</summary>
    /// <param name="filePath">Private temporary file that holds the original.</param>
    /// <param name="request">Limits and options for the image.</param>
    /// <param name="choose">Chooses the tiles by where there is text; null where the image is better sent whole.</param>
    /// <param name="cancellationToken">Token that ends the call, as for <see cref="OptimizeAsync"/>.</param>
    /// <returns>The tiles, or a failure of <see cref="OptimizeAsync"/>.</returns>
    Task<Outcome<TiledImage>> CutAsync(
        string filePath, OptimizeRequest request, Func<TextLayout, TilePlan?> choose, CancellationToken cancellationToken);
}
