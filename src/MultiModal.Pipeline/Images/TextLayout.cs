namespace MultiModal.Pipeline.Images;

/// <summary>Where there is text in an image, in pixels of the original.</summary>
/// <param name="Width">Width of the original.</param>
/// <param name="Height">Height of the original.</param>
/// <param name="Letters">All that could be letters, noise included.</param>
/// <param name="Lines">Lines of text.</param>
public sealed record TextLayout(int Width, int Height, IReadOnlyList<TextBox> Letters, IReadOnlyList<TextBox> Lines)
{
    /// <summary>Rows between some columns that no box touches, between others that boxes do touch, from the top to the bottom.</summary>
    /// <param name="boxes"><see cref="Letters"/> or <see cref="Lines"/>.</param>
    /// <param name="left">The first column.</param>
    /// <param name="right">The first column that does not count.</param>
    public IEnumerable<WhiteSpace> Rows(IReadOnlyList<TextBox> boxes, int left, int right) =>
        Between(boxes.Where(box => box.Left < right && box.Right > left).Select(box => (box.Top, box.Bottom)), Height);

    /// <summary>Columns that no letter touches in any row, between others that letters do touch, from the left to the right.</summary>
    public IEnumerable<WhiteSpace> Columns() => Between(Letters.Select(box => (box.Left, box.Right)), Width);

    private static IEnumerable<WhiteSpace> Between(IEnumerable<(int From, int To)> stretches, int length)
    {
        var changes = new int[length + 1];
        foreach (var (from, to) in stretches)
        {
            changes[Math.Clamp(from, 0, length)]++;
            changes[Math.Clamp(to, 0, length)]--;
        }

        var (depth, end) = (0, -1);
        for (var at = 0; at < length; at++)
        {
            var before = depth;
            depth += changes[at];
            if (before == 0 && depth > 0 && end >= 0) yield return new WhiteSpace(end, at);
            if (before > 0 && depth == 0) end = at;
        }
    }
}

/// <summary>A box around a letter or a line of text.</summary>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Right">First column right of it.</param>
/// <param name="Bottom">First row below it.</param>
public readonly record struct TextBox(int Left, int Top, int Right, int Bottom);

/// <summary>Rows or columns without text.</summary>
/// <param name="From">The first.</param>
/// <param name="To">The first that is not one of them.</param>
public readonly record struct WhiteSpace(int From, int To)
{
    public int Length => To - From;

    public int Middle => (From + To) / 2;
}
