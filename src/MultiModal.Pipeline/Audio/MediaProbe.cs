namespace MultiModal.Pipeline.Audio;

/// <param name="Seconds">As the file's headers say (or as ffprobe estimates); 0 if they don't.</param>
/// <param name="HasPicture">There is video beside the sound; a cover picture is none.</param>
internal sealed record MediaProbe(double Seconds, bool HasPicture);
