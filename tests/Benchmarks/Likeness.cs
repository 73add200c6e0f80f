using NetVips;

namespace MultiModal.Benchmarks;

/// <summary>How alike two images of the same size look: structural similarity (SSIM) of their brightness, 1 for equal images.</summary>
internal static class Likeness
{
    private const int Window = 8;
    private const int Stride = 4;

    // The constants of Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural similarity" (2004).
    private const double C1 = 0.01 * 255 * 0.01 * 255;
    private const double C2 = 0.03 * 255 * 0.03 * 255;

    /// <summary>Makes the reference: decoded in full, shrunk in linear light with Lanczos's kernel of three lobes.</summary>
    public static Image Reference(string path, int width, int height)
    {
        using var file = Image.NewFromFile(path);
        using var upright = file.Autorot();
        using var coloured = upright.Contains("icc-profile-data") ? upright.IccTransform("srgb", embedded: true) : upright.Copy();
        using var linear = coloured.Colourspace(Enums.Interpretation.Scrgb);
        using var small = linear.Resize(
            (double)width / linear.Width, vscale: (double)height / linear.Height, kernel: Enums.Kernel.Lanczos3, gap: 0);
        using var result = small.Colourspace(Enums.Interpretation.Srgb);
        return result.CopyMemory();
    }

    /// <summary>Compares an encoded image with the reference.</summary>
    public static double Compare(Image reference, byte[] encoded)
    {
        using var image = Image.NewFromBuffer(encoded);
        var (a, b) = (Brightness(reference), Brightness(image));
        if (image.Width != reference.Width || image.Height != reference.Height)
        {
            throw new InvalidOperationException($"{image.Width} x {image.Height} in place of {reference.Width} x {reference.Height}.");
        }

        var (sum, windows) = (0.0, 0);
        for (var y = 0; y + Window <= image.Height; y += Stride)
        {
            for (var x = 0; x + Window <= image.Width; x += Stride)
            {
                sum += Similarity(a, b, (y * image.Width) + x, image.Width);
                windows++;
            }
        }

        return sum / windows;
    }

    private static byte[] Brightness(Image image)
    {
        using var opaque = image.HasAlpha() ? image.Flatten(background: [255]) : image.Copy();
        using var grey = opaque.Colourspace(Enums.Interpretation.Bw);
        using var bytes = grey.Cast(Enums.BandFormat.Uchar);
        return bytes.WriteToMemory<byte>();
    }

    private static double Similarity(byte[] a, byte[] b, int corner, int width)
    {
        double sumA = 0, sumB = 0, squaresA = 0, squaresB = 0, products = 0;
        for (var y = 0; y < Window; y++)
        {
            for (var x = 0; x < Window; x++)
            {
                double left = a[corner + (y * width) + x], right = b[corner + (y * width) + x];
                sumA += left;
                sumB += right;
                squaresA += left * left;
                squaresB += right * right;
                products += left * right;
            }
        }

        const double count = Window * Window;
        var (meanA, meanB) = (sumA / count, sumB / count);
        var (varianceA, varianceB) = ((squaresA / count) - (meanA * meanA), (squaresB / count) - (meanB * meanB));
        var covariance = (products / count) - (meanA * meanB);
        return ((2 * meanA * meanB) + C1) * ((2 * covariance) + C2) / (((meanA * meanA) + (meanB * meanB) + C1) * (varianceA + varianceB + C2));
    }
}
