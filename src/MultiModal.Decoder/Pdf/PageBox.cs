using UglyToad.PdfPig.Core;

namespace MultiModal.Decoder.Pdf;

/// <summary>A box on the page as shown, in points from the lower left corner.</summary>
internal readonly record struct PageBox(double Left, double Bottom, double Right, double Top)
{
    public double Width => Right - Left;

    public double Height => Top - Bottom;

    public double Area => Width * Height;

    /// <param name="rectangle">A rectangle in any orientation.</param>
    public static PageBox Around(PdfRectangle rectangle)
    {
        PdfPoint[] corners = [rectangle.TopLeft, rectangle.TopRight, rectangle.BottomLeft, rectangle.BottomRight];
        return new PageBox(corners.Min(c => c.X), corners.Min(c => c.Y), corners.Max(c => c.X), corners.Max(c => c.Y));
    }

    public PageBox Union(PageBox other) =>
        new(Math.Min(Left, other.Left), Math.Min(Bottom, other.Bottom), Math.Max(Right, other.Right), Math.Max(Top, other.Top));

    public PageBox Within(PageBox other) =>
        new(Math.Max(Left, other.Left), Math.Max(Bottom, other.Bottom), Math.Min(Right, other.Right), Math.Min(Top, other.Top));

    public PageBox Padded(double by) => new(Left - by, Bottom - by, Right + by, Top + by);

    public bool Contains(PdfPoint point) => point.X >= Left && point.X <= Right && point.Y >= Bottom && point.Y <= Top;

    public bool Contains(PageBox other) => other.Left >= Left && other.Right <= Right && other.Bottom >= Bottom && other.Top <= Top;
}
