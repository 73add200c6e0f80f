namespace MultiModal.Pipeline.Audio;

/// <summary>File extensions by media type: services recognise formats by them.</summary>
internal static class AudioFileExtension
{
    public static string ForMediaType(string mediaType) => mediaType switch
    {
        "audio/wav" => ".wav",
        "audio/mpeg" => ".mp3",
        "audio/mp4" or "audio/x-m4a" => ".m4a",
        "video/mp4" => ".mp4",
        "audio/webm" or "video/webm" => ".webm",
        "audio/ogg" => ".ogg",
        "audio/flac" => ".flac",
        _ => ".bin",
    };
}
