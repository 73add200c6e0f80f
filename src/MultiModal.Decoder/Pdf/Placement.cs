using UglyToad.PdfPig.Core;

namespace MultiModal.Decoder.Pdf;

/// <summary>Position of a picture on the page as shown, in points from the lower left corner, and its orientation there.</summary>
/// <param name="Left">Position of the left side.</param>
/// <param name="Top">Position of the upper side.</param>
/// <param name="Width">Width as shown.</param>
/// <param name="Height">Height as shown.</param>
/// <param name="Orientation">Orientation as in EXIF: 1 is upright, 6 needs a quarter turn to the right, 2, 4, 5 and 7 are mirrored.</param>
internal readonly record struct Placement(double Left, double Top, double Width, double Height, int Orientation)
{
    /// <summary>Whether the picture's rows run up or down the page.</summary>
    public bool IsSideways => Orientation >= 5;

    /// <param name="box">The picture's own corners on the page.</param>
    public static Placement Of(PdfRectangle box)
    {
        PdfPoint[] corners = [box.TopLeft, box.TopRight, box.BottomLeft, box.BottomRight];
        var (left, right) = (corners.Min(c => c.X), corners.Max(c => c.X));
        var (bottom, top) = (corners.Min(c => c.Y), corners.Max(c => c.Y));
        return new Placement(left, top, right - left, top - bottom, OrientationOf(box));
    }

    /// <summary>
    /// Derives the orientation from the directions of rows and columns, to the nearest quarter turn (EXIF 2.32, 4.6.4, Orientation).
    /// </summary>
    private static int OrientationOf(PdfRectangle box)
    {
        var (rowX, rowY) = (box.TopRight.X - box.TopLeft.X, box.TopRight.Y - box.TopLeft.Y);
        var (columnX, columnY) = (box.BottomLeft.X - box.TopLeft.X, box.BottomLeft.Y - box.TopLeft.Y);
        return Math.Abs(rowX) >= Math.Abs(rowY)
            ? (rowX >= 0, columnY <= 0) switch
            {
                (true, true) => 1,
                (false, true) => 2,
                (false, false) => 3,
                (true, false) => 4,
            }
            : (rowY <= 0, columnX >= 0) switch
            {
                (true, true) => 5,
                (true, false) => 6,
                (false, false) => 7,
                (false, true) => 8,
            };
    }
}
