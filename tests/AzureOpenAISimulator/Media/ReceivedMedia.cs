namespace AzureOpenAISimulator.Media;

/// <summary>An image or recording as it arrived.</summary>
/// <param name="ContentHash">SHA-256 of the bytes, lowercase hex.</param>
/// <param name="Format">By its bytes: <c>png</c>, <c>jpeg</c>, <c>gif</c>, <c>webp</c>, <c>wav</c>, <c>flac</c>, <c>mp3</c>, <c>ogg</c>, <c>m4a</c>,
/// <c>webm</c>.</param>
/// <param name="Width">Pixels; 0 for audio.</param>
/// <param name="Height">Pixels; 0 for audio.</param>
/// <param name="DurationSeconds">0 for images.</param>
/// <param name="Detail">Of an image: <c>auto</c>, <c>low</c> or <c>high</c>.</param>
/// <param name="FileName">Of a recording, as sent.</param>
public sealed record ReceivedMedia(
    string ContentHash, long Bytes, string Format, int Width = 0, int Height = 0, double DurationSeconds = 0, string? Detail = null,
    string? FileName = null);
