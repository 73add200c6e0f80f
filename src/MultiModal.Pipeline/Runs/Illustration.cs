using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Runs;

/// <summary>The picture that was made for a report.</summary>
/// <param name="Prompt">What it was asked to show.</param>
/// <param name="Size">The size that was asked for.</param>
/// <param name="Quality">The quality that was asked for.</param>
/// <param name="Hash">Hash of the file.</param>
/// <param name="MediaType"><c>image/png</c> or <c>image/jpeg</c>.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="FileName">Name of the file in the folder of the run's results.</param>
/// <param name="CacheFile">Name of the file in the cache.</param>
public sealed record Illustration(
    string Prompt, string Size, string Quality, ContentHash Hash, string MediaType, int Width, int Height, long Bytes, string FileName,
    string CacheFile);
