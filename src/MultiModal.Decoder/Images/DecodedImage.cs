namespace MultiModal.Decoder.Images;

/// <summary>An image whose pixels are in a file: 8 bits a channel, in sRGB or as the profile says, alpha last, no padding.</summary>
/// <param name="Width">Width after orientation is applied, in pixels.</param>
/// <param name="Height">Height after orientation is applied, in pixels.</param>
/// <param name="Channels">Number of channels: 3, or 4 with alpha; 0 if the image was too large to be decoded.</param>
/// <param name="Profile">The embedded colour profile, or null.</param>
public sealed record DecodedImage(int Width, int Height, int Channels, byte[]? Profile);
