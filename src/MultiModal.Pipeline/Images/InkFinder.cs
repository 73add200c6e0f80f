using System.Runtime.Intrinsics;

namespace MultiModal.Pipeline.Images;

/// <summary>
/// Finds the ink in a grey picture, which is given row by row: pixels that differ from the mean of the window around them by more than the noise
/// there, in either direction (Niblack, "An Introduction to Digital Image Processing", 1986). Only the rows of one window are kept.
/// </summary>
/// <remarks>
/// Sums over the columns of the window are kept up to date by the row that enters and the one that leaves, and added up from the left, so that a pixel
/// takes the same time whatever the size of the window is.
/// </remarks>
internal sealed class InkFinder
{
    /// <summary>Half the edge of the window. A stroke must be narrower than half of it: that of letters of about 100 pixels is.</summary>
    private const int Reach = 16;

    private const int Window = (2 * Reach) + 1;

    /// <summary>Least difference of ink from the mean around it, of 255 levels.</summary>
    private const int LeastContrast = 24;

    /// <summary>Width of the picture, rounded up to whole vectors. What is found beyond the picture is not used.</summary>
    private readonly int stride;

    private readonly int width;
    private readonly byte[][] rows = new byte[Window][];

    /// <summary>Columns of the window around each pixel: fewer at the edges of the picture.</summary>
    private readonly int[] columns;

    /// <summary>Sums of the levels and of their squares, of each column of the window.</summary>
    private readonly int[] levels, squares;

    /// <summary>Sums of all columns up to <see cref="Reach"/> left of each place. They may overflow, but their differences are right.</summary>
    private readonly int[] levelsBefore, squaresBefore;

    private readonly int[] ink;
    private byte[] spare;
    private int given;
    private int judged;

    /// <param name="width">Width of the picture in pixels.</param>
    public InkFinder(int width)
    {
        this.width = width;
        stride = (width + Vector128<byte>.Count - 1) / Vector128<byte>.Count * Vector128<byte>.Count;
        for (var row = 0; row < Window; row++) rows[row] = new byte[stride];
        spare = new byte[stride];
        columns = new int[stride];
        for (var x = 0; x < width; x++) columns[x] = Math.Min(width, x + Reach + 1) - Math.Max(0, x - Reach);
        (levels, squares) = (new int[stride], new int[stride]);
        (levelsBefore, squaresBefore) = (new int[stride + Window], new int[stride + Window]);
        ink = new int[stride];
    }

    /// <summary>Whether <see cref="Next"/> finds the ink of a row.</summary>
    public bool HasNext => judged < given - Reach;

    /// <summary>Whether <see cref="Next"/> finds the ink of a row if no more rows are given.</summary>
    public bool HasLast => judged < given;

    /// <summary>Gives the place for the levels of the row that <see cref="Enter"/> adds to the picture.</summary>
    public Span<byte> Entering => spare.AsSpan(0, width);

    /// <summary>Adds a row below all others.</summary>
    public void Enter()
    {
        var place = given++ % Window;
        Replace(rows[place], spare);
        (rows[place], spare) = (spare, rows[place]);
    }

    /// <summary>Finds the ink of the next row: -1 for dark ink on a light ground, 1 for the reverse, 0 for none.</summary>
    public ReadOnlySpan<int> Next()
    {
        // At the bottom of the picture rows leave the window, and none enters it.
        if (judged > Reach && judged + Reach >= given)
        {
            Array.Clear(spare);
            Replace(rows[(judged - Reach - 1) % Window], spare);
        }

        AddUp();
        var height = Math.Min(given, judged + Reach + 1) - Math.Max(0, judged - Reach);
        Judge(rows[judged++ % Window], height);
        return ink.AsSpan(0, width);
    }

    private void AddUp()
    {
        int level = 0, square = 0;
        for (var x = 0; x < levels.Length; x++)
        {
            levelsBefore[x + Reach] = level;
            squaresBefore[x + Reach] = square;
            level += levels[x];
            square += squares[x];
        }

        levelsBefore.AsSpan(stride + Reach).Fill(level);
        squaresBefore.AsSpan(stride + Reach).Fill(square);
    }

    /// <summary>A row leaves the window and another one enters it. A row of zeros counts as none.</summary>
    private void Replace(byte[] leaving, byte[] entering)
    {
        for (var x = 0; x < stride; x += Vector128<byte>.Count)
        {
            var (old, now) = (Vector128.Create(leaving.AsSpan(x)), Vector128.Create(entering.AsSpan(x)));
            Replace(x, Vector128.WidenLower(old), Vector128.WidenLower(now));
            Replace(x + Vector128<ushort>.Count, Vector128.WidenUpper(old), Vector128.WidenUpper(now));
        }
    }

    private void Replace(int x, Vector128<ushort> leaving, Vector128<ushort> entering)
    {
        Add(levels.AsSpan(x), leaving, entering);
        // The square of a byte fits into 16 bits.
        Add(squares.AsSpan(x), leaving * leaving, entering * entering);
    }

    private static void Add(Span<int> sums, Vector128<ushort> leaving, Vector128<ushort> entering)
    {
        var (lower, upper) = (
            Vector128.WidenLower(entering) - Vector128.WidenLower(leaving), Vector128.WidenUpper(entering) - Vector128.WidenUpper(leaving));
        var after = sums[Vector128<int>.Count..];
        (Vector128.Create(sums) + lower.AsInt32()).CopyTo(sums);
        (Vector128.Create(after) + upper.AsInt32()).CopyTo(after);
    }

    private void Judge(byte[] row, int height)
    {
        for (var x = 0; x < stride; x += Vector128<byte>.Count)
        {
            var levels = Vector128.Create(row.AsSpan(x));
            Judge(x, Vector128.WidenLower(levels), height);
            Judge(x + Vector128<ushort>.Count, Vector128.WidenUpper(levels), height);
        }
    }

    private void Judge(int x, Vector128<ushort> levels, int height)
    {
        Judge(x, Vector128.WidenLower(levels).AsInt32(), height);
        Judge(x + Vector128<int>.Count, Vector128.WidenUpper(levels).AsInt32(), height);
    }

    private void Judge(int x, Vector128<int> levels, int height)
    {
        var area = Vector128.Create(columns.AsSpan(x)) * height;
        var sum = InWindow(levelsBefore, x);
        var difference = (levels * area) - sum;
        var stands = Vector128.GreaterThan(Vector128.Abs(difference), area * LeastContrast);
        if (stands != Vector128<int>.Zero) stands &= IsAboveNoise(difference, area, sum, InWindow(squaresBefore, x));
        // Where all bits are set, the sign of the difference is left: -1 or 1.
        (((difference >> 31) | Vector128<int>.One) & stands).CopyTo(ink.AsSpan(x));
    }

    private static Vector128<int> InWindow(int[] before, int x) =>
        Vector128.Create(before.AsSpan(x + Window)) - Vector128.Create(before.AsSpan(x));

    /// <summary>Whether the square of the difference is more than the variance, both times the square of the area. All products are exact.</summary>
    private static Vector128<int> IsAboveNoise(Vector128<int> difference, Vector128<int> area, Vector128<int> sum, Vector128<int> square)
    {
        var (lower, upper) = (
            IsAboveNoise(Lower(difference), Lower(area), Lower(sum), Lower(square)),
            IsAboveNoise(Upper(difference), Upper(area), Upper(sum), Upper(square)));
        return Vector128.Narrow(lower.AsInt64(), upper.AsInt64());
    }

    private static Vector128<double> IsAboveNoise(
        Vector128<double> difference, Vector128<double> area, Vector128<double> sum, Vector128<double> square) =>
        Vector128.GreaterThan(difference * difference, (area * square) - (sum * sum));

    private static Vector128<double> Lower(Vector128<int> numbers) => Vector128.ConvertToDouble(Vector128.WidenLower(numbers));

    private static Vector128<double> Upper(Vector128<int> numbers) => Vector128.ConvertToDouble(Vector128.WidenUpper(numbers));
}
