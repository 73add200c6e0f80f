using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Graphics;
using UglyToad.PdfPig.Graphics.Colors;

namespace MultiModal.Decoder.Pdf;

/// <summary>
/// A chart, drawing or photograph on a page with text: pictures and drawn shapes that lie together. To look at one costs as much as a whole page,
/// so that decoration is no figure: what is small, narrow, behind text, or the frame and shades of a table.
/// </summary>
/// <param name="Box">Where it is.</param>
/// <param name="Images">Its pictures, in the order in which they are painted.</param>
/// <param name="IsDrawn">Whether it has drawn shapes, so that only rendering shows it.</param>
internal sealed record PageFigure(PageBox Box, IReadOnlyList<IPdfImage> Images, bool IsDrawn)
{
    /// <summary>Share of the page below which a picture is decoration: a square of 43 mm on A4.</summary>
    private const double LeastShare = 0.03;

    /// <summary>Length of the shorter side below which a picture is decoration (a banner, a signature), in points: one inch.</summary>
    private const double LeastSide = 72;

    /// <summary>Letters on a picture from which on it is a background, or the scan whose letters they are.</summary>
    private const int LettersOnBackground = 50;

    /// <summary>Pictures of fewer pixels are colours and patterns.</summary>
    private const int LeastPixels = 64 * 64;

    /// <summary>Shapes from this share of the page's width and height on are its background or frame.</summary>
    private const double Background = 0.9;

    /// <summary>Shapes below this thickness are rules, in points.</summary>
    private const double Rule = 3;

    /// <summary>
    /// A drawing has at least this many slanted or curved lines and less than this share of it is text; or it has at least this many blocks and even
    /// less text. In a table, text takes a fifth of the area and more; the labels of a chart take a twentieth.
    /// </summary>
    private const int LeastLines = 8;
    private const int LeastBlocks = 3;
    private const double TextAmongLines = 0.3;
    private const double TextAmongBlocks = 0.12;

    /// <summary>A line is slanted if it spans more than this in both directions, in points.</summary>
    private const double LeastSlope = 0.01;

    /// <summary>Share of a shape's outline that must be slanted or curved: corners of a box that are round do not make it a drawing.</summary>
    private const double LeastSlanted = 0.25;

    /// <summary>Space around a drawing for its labels, in points.</summary>
    private const double Labels = 36;

    /// <summary>On a page without letters, rules make a drawing from this number on; below, they are lines on empty paper.</summary>
    private const int RulesOfDrawing = 8;

    /// <summary>Maximum shapes of a page that are looked at.</summary>
    private const int MostShapes = 20_000;

    /// <summary>Cells of the grid that joins what lies together, in points, and their maximum number along a side.</summary>
    private const double Cell = 12;
    private const int MostCells = 128;

    /// <param name="page">The page.</param>
    /// <param name="images">Its pictures, in the order in which they are painted.</param>
    /// <returns>Its figures, from the top of the page down.</returns>
    public static IReadOnlyList<PageFigure> Find(Page page, IReadOnlyList<IPdfImage> images)
    {
        var paper = new PageBox(0, 0, page.Width, page.Height);
        var marks = new List<Mark>();
        foreach (var image in images)
        {
            var box = PageBox.Around(image.BoundingBox).Within(paper);
            if (IsEmpty(box) || (long)image.WidthInSamples * image.HeightInSamples < LeastPixels || LettersOn(page, box) >= LettersOnBackground) continue;
            marks.Add(new Mark(box, image, Lines: 0, Blocks: 0));
        }

        var shapes = Shapes(page).Select(shape => Mark.Of(shape, paper)).OfType<Mark>().Take(MostShapes).ToList();
        marks.AddRange(shapes);
        return [.. Together(marks, paper).Select(group => Figure(page, paper, group)).OfType<PageFigure>().OrderByDescending(f => f.Box.Top)];
    }

    /// <summary>Whether a page without letters and pictures shows anything.</summary>
    public static bool IsDrawing(Page page)
    {
        var paper = new PageBox(0, 0, page.Width, page.Height);
        var rules = 0;
        foreach (var shape in Shapes(page))
        {
            if (Mark.Of(shape, paper) is not null || ++rules >= RulesOfDrawing) return true;
        }

        return false;
    }

    private static IEnumerable<PdfPath> Shapes(Page page) =>
        page.Paths.Where(p => (p.IsFilled && !IsWhite(p.FillColor)) || (p.IsStroked && !IsWhite(p.StrokeColor)));

    private static bool IsWhite(IColor? colour) => colour switch
    {
        GrayColor grey => grey.Gray >= 1,
        RGBColor rgb => rgb is { R: >= 1, G: >= 1, B: >= 1 },
        CMYKColor cmyk => cmyk is { C: <= 0, M: <= 0, Y: <= 0, K: <= 0 },
        _ => false,
    };

    private static bool IsEmpty(PageBox box) => box.Width <= 0 || box.Height <= 0;

    private static int LettersOn(Page page, PageBox box) =>
        page.Letters.Count(l => box.Contains(l.StartBaseLine) && l.Value.Any(char.IsLetterOrDigit));

    private static PageFigure? Figure(Page page, PageBox paper, List<Mark> group)
    {
        var box = group.Select(m => m.Box).Aggregate((all, one) => all.Union(one));
        var images = group.Select(m => m.Image).OfType<IPdfImage>().ToList();
        if (box.Area < LeastShare * paper.Area || Math.Min(box.Width, box.Height) < LeastSide) return null;

        var letters = page.Letters.Where(l => box.Contains(l.StartBaseLine)).Sum(l => Math.Abs(l.Width) * l.PointSize) / box.Area;
        var isDrawn = (group.Sum(m => m.Lines) >= LeastLines && letters < TextAmongLines)
            || (group.Sum(m => m.Blocks) >= LeastBlocks && letters < TextAmongBlocks);
        if (isDrawn) return new PageFigure(box.Padded(Labels).Within(paper), images, true);
        if (images.Count == 0) return null;

        // Shapes that are no drawing may be a frame around the pictures.
        var pictured = group.Where(m => m.Image is not null).Select(m => m.Box).Aggregate((all, one) => all.Union(one));
        return pictured.Area < LeastShare * paper.Area || Math.Min(pictured.Width, pictured.Height) < LeastSide
            ? null
            : new PageFigure(pictured, images, false);
    }

    /// <summary>Joins marks that lie in the same or neighbouring cells of a grid, which takes no longer the more marks lie on each other.</summary>
    private static IEnumerable<List<Mark>> Together(List<Mark> marks, PageBox paper)
    {
        var cell = Math.Max(Cell, Math.Max(paper.Width, paper.Height) / MostCells);
        var (columns, rows) = ((int)(paper.Width / cell) + 1, (int)(paper.Height / cell) + 1);
        var covered = new bool[columns * rows];
        foreach (var mark in marks)
        {
            for (var row = Row(mark.Box.Bottom); row <= Row(mark.Box.Top); row++)
                covered.AsSpan((row * columns) + Column(mark.Box.Left), Column(mark.Box.Right) - Column(mark.Box.Left) + 1).Fill(true);
        }

        var region = new int[covered.Length];
        for (var (start, regions) = (0, 0); start < covered.Length; start++)
        {
            if (covered[start] && region[start] == 0) Fill(start, ++regions);
        }

        return marks.GroupBy(m => region[(Row(m.Box.Bottom) * columns) + Column(m.Box.Left)]).Select(g => g.ToList());

        int Row(double y) => Math.Clamp((int)(y / cell), 0, rows - 1);

        int Column(double x) => Math.Clamp((int)(x / cell), 0, columns - 1);

        void Fill(int start, int number)
        {
            var open = new Stack<int>([start]);
            region[start] = number;
            while (open.TryPop(out var at))
            {
                var (row, column) = Math.DivRem(at, columns);
                for (var r = Math.Max(0, row - 1); r <= Math.Min(rows - 1, row + 1); r++)
                {
                    for (var c = Math.Max(0, column - 1); c <= Math.Min(columns - 1, column + 1); c++)
                    {
                        var next = (r * columns) + c;
                        if (!covered[next] || region[next] != 0) continue;
                        region[next] = number;
                        open.Push(next);
                    }
                }
            }
        }
    }

    /// <param name="Box">Where it is, on the paper.</param>
    /// <param name="Image">The picture; null for a drawn shape.</param>
    /// <param name="Lines">Slanted and curved lines.</param>
    /// <param name="Blocks">1 for a filled shape without any.</param>
    private sealed record Mark(PageBox Box, IPdfImage? Image, int Lines, int Blocks)
    {
        /// <returns>The shape; null for a rule, a background, and what lies beside the paper.</returns>
        public static Mark? Of(PdfPath shape, PageBox paper)
        {
            if (shape.GetBoundingRectangle() is not { } bounds) return null;
            var whole = PageBox.Around(bounds);
            var box = whole.Within(paper);
            var lines = SlantedLines(shape);
            if (IsOutside(box) || (lines == 0 && (Math.Min(whole.Width, whole.Height) < Rule || !shape.IsFilled))) return null;
            if (box.Width >= Background * paper.Width && box.Height >= Background * paper.Height && lines < LeastLines) return null;
            return new Mark(box, null, lines, lines == 0 ? 1 : 0);
        }

        private static bool IsOutside(PageBox box) => box.Width < 0 || box.Height < 0;

        /// <summary>Counts the slanted and curved lines of a shape; none for a box with round corners.</summary>
        private static int SlantedLines(PdfPath shape)
        {
            var (count, slanted, all) = (0, 0.0, 0.0);
            foreach (var command in shape.SelectMany(part => part.Commands))
            {
                var (from, to) = command switch
                {
                    PdfSubpath.Line line => (line.From, line.To),
                    PdfSubpath.BezierCurve curve => (curve.StartPoint, curve.EndPoint),
                    _ => (default(PdfPoint), default(PdfPoint)),
                };
                var (x, y) = (Math.Abs(to.X - from.X), Math.Abs(to.Y - from.Y));
                all += x + y;
                if (command is not PdfSubpath.BezierCurve && (x < LeastSlope || y < LeastSlope)) continue;
                count++;
                slanted += x + y;
            }

            return slanted >= LeastSlanted * all ? count : 0;
        }
    }
}
