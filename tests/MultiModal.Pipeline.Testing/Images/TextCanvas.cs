using NetVips;

namespace MultiModal.Pipeline.Testing.Images;

/// <summary>A picture in memory, of red, green and blue, on which rectangles and texts are drawn.</summary>
internal sealed class TextCanvas
{
    private readonly byte[] pixels;

    public TextCanvas(int width, int height, (byte R, byte G, byte B) ground)
    {
        (Width, Height) = (width, height);
        pixels = new byte[3 * width * height];
        Fill(0, 0, width, height, ground);
    }

    public int Width { get; }

    public int Height { get; }

    public void Fill(int left, int top, int width, int height, (byte R, byte G, byte B) colour)
    {
        for (var y = Math.Max(0, top); y < Math.Min(Height, top + height); y++)
        {
            for (var x = Math.Max(0, left); x < Math.Min(Width, left + width); x++)
            {
                var at = 3 * ((y * Width) + x);
                (pixels[at], pixels[at + 1], pixels[at + 2]) = colour;
            }
        }
    }

    /// <summary>How large a text is, in pixels.</summary>
    /// <param name="text">The text.</param>
    /// <param name="font">Font and its size in pixels, such as <c>DejaVu Sans 15</c>.</param>
    /// <param name="wrap">Width in pixels at which lines are broken.</param>
    public static TextMask Measure(string text, string font, int? wrap = null)
    {
        using var drawn = Image.Text(text, font: font, width: wrap, dpi: 72);
        return new TextMask(drawn.WriteToMemory<byte>(), drawn.Width, drawn.Height);
    }

    /// <summary>Draws a text with its upper left corner at a place.</summary>
    /// <returns>The first row below it.</returns>
    public int Write(int left, int top, TextMask text, (byte R, byte G, byte B) colour)
    {
        for (var y = 0; y < Math.Min(text.Height, Height - top); y++)
        {
            for (var x = 0; x < Math.Min(text.Width, Width - left); x++)
            {
                int share = text.Coverage[(y * text.Width) + x];
                if (share == 0) continue;
                var at = 3 * (((top + y) * Width) + left + x);
                pixels[at] = Mix(pixels[at], colour.R, share);
                pixels[at + 1] = Mix(pixels[at + 1], colour.G, share);
                pixels[at + 2] = Mix(pixels[at + 2], colour.B, share);
            }
        }

        return top + text.Height;
    }

    public int Write(int left, int top, string text, string font, (byte R, byte G, byte B) colour, int? wrap = null) =>
        Write(left, top, Measure(text, font, wrap), colour);

    public Image ToImage()
    {
        using var bare = Image.NewFromMemory(pixels, Width, Height, 3, Enums.BandFormat.Uchar);
        return bare.Copy(interpretation: Enums.Interpretation.Srgb);
    }

    private static byte Mix(byte under, byte over, int share) => (byte)(((under * (255 - share)) + (over * share)) / 255);
}

/// <summary>A text as shares of coverage, 255 for ink.</summary>
internal sealed record TextMask(byte[] Coverage, int Width, int Height);
