using NetVips;

namespace MultiModal.Pipeline.Tests.Runs;

/// <summary>Photo-like pictures, made by libvips: the same seed makes the same bytes.</summary>
internal static class TestImage
{
    public static byte[] Jpeg(int seed, int width = 320, int height = 240) =>
        Image.Gaussnoise(width, height, sigma: 40, mean: 128, seed: seed).Gaussblur(3).Cast(Enums.BandFormat.Uchar).JpegsaveBuffer(q: 85);
}
