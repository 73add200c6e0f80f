namespace MultiModal.Pipeline.Images;

/// <summary>Shrinks images. Two implementations: libvips (NetVips) and ImageSharp. Safe for concurrent use.</summary>
public interface IImageEngine
{
    /// <summary>Name and version, part of the cache fingerprint: <c>libvips 8.18.7</c>.</summary>
    string Identity { get; }

    /// <summary>
    /// Orientation applied, colours converted to sRGB, shrunk to <see cref="OptimizeRequest.TargetOf"/> and never
    /// enlarged, all metadata stripped, alpha kept only if some pixel uses it; JPEG for photos, PNG for flat-colour pictures.
    /// </summary>
    /// <param name="filePath">A private temporary file that holds the original.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="cancellationToken">Ends waiting; a native decode under way may finish first.</param>
    /// <returns>The optimised image, or <c>corrupt-image</c>, <c>image-too-large</c> (checked before decoding), <c>unsupported-image</c>.</returns>
    Task<Outcome<OptimizedImage>> OptimizeAsync(string filePath, OptimizeRequest request, CancellationToken cancellationToken);
}
