using NetVips;

namespace MultiModal.Pipeline.Testing.Images;

/// <summary>Photo-like pictures, made by libvips: the same seed makes the same bytes.</summary>
public static class TestImage
{
    public static byte[] Jpeg(int seed, int width = 320, int height = 240) =>
        Image.Gaussnoise(width, height, sigma: 40, mean: 128, seed: seed).Gaussblur(3).Cast(Enums.BandFormat.Uchar).JpegsaveBuffer(q: 85);

    /// <summary>As large as a camera makes them, quickly: a small picture, enlarged.</summary>
    public static byte[] Photo(int seed, int width, int height) =>
        Image.Gaussnoise(width / 20, height / 20, sigma: 40, mean: 128, seed: seed).Cast(Enums.BandFormat.Uchar)
            .Resize(20, Enums.Kernel.Linear).Gravity(Enums.CompassDirection.Centre, width, height, Enums.Extend.Copy).JpegsaveBuffer(q: 85);
}
