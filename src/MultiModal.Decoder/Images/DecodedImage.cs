namespace MultiModal.Decoder.Images;

/// <summary>An image whose pixels lie in a file: 8 bits a channel, sRGB or what the profile says, alpha last, no padding.</summary>
/// <param name="Width">After orientation, pixels.</param>
/// <param name="Height">After orientation, pixels.</param>
/// <param name="Channels">3, or 4 with alpha; 0 where the image was too large to be decoded.</param>
/// <param name="Profile">The embedded colour profile, or null.</param>
public sealed record DecodedImage(int Width, int Height, int Channels, byte[]? Profile);
