namespace MultiModal.Pipeline.Images;

/// <summary>How an image is cut into tiles, each of which is sent as an image of its own, so that the text can be read.</summary>
/// <param name="Scale">Size of the tiles as they are sent, in proportion to the original; the same for all.</param>
/// <param name="Tiles">The tiles, in reading order: column by column, each from the top to the bottom.</param>
/// <param name="Tokens">Tokens of the tiles by the model's rule; 0 where there is none.</param>
public sealed record TilePlan(double Scale, IReadOnlyList<PlannedTile> Tiles, int Tokens)
{
    /// <summary>Version of the rule, which is part of the name of what is made by it.</summary>
    public const int Version = 1;

    /// <summary>Height of an x that is accepted where it makes the tiles clearly cheaper, in pixels. Measured by the benchmark <c>legible</c>.</summary>
    public const double AcceptedHeight = 4;

    /// <summary>How much cheaper tiles have to be than a picture that is sent whole, or tiles with smaller letters than others.</summary>
    private const double ClearlyCheaper = 0.8;

    private const int MostTiles = 64;

    /// <summary>Pixels of all tiles together, which are in memory at once.</summary>
    private const long MostPixels = 24_000_000;

    private const int MostColumns = 10;

    /// <summary>Rows at which a column may be cut; of more, those with the most white space are taken.</summary>
    private const int MostRows = 240;

    /// <summary>Width of white space between columns of text, and between paragraphs, in heights of an x.</summary>
    private const double ColumnGap = 2, ParagraphGap = 2.2;

    /// <summary>Rows that two tiles share where there is no white space, in heights of an x: two lines.</summary>
    private const double Overlap = 5;

    /// <summary>Tokens for which a cut between paragraphs is preferred to one between lines, to one in noise, and to one through letters.</summary>
    private const int BetweenLines = 8, InNoise = 24, ThroughLetters = 64;

    /// <summary>What a tile is taken to cost a model whose rule is not published: the fewest tiles are the cheapest.</summary>
    private const int UnknownTokens = 1_000;

    /// <summary>Whether tiles may be better than the whole image, by the sizes alone.</summary>
    /// <param name="original">Size of the original in pixels.</param>
    /// <param name="textHeight">Height of an x in its smallest text, in pixels of the original.</param>
    /// <param name="whole">How the image would be sent whole.</param>
    /// <param name="model">How the model sees and counts images.</param>
    public static bool MayBeBetter((int Width, int Height) original, double textHeight, LegiblePlan whole, ImageReader model)
    {
        ArgumentNullException.ThrowIfNull(whole);
        ArgumentNullException.ThrowIfNull(model);
        if (whole.Shortfall is not null) return textHeight > 0;
        if (model.Rule is null || textHeight <= 0) return false;
        var (width, height) = Scaled(original, ScaleFor(AcceptedHeight, textHeight));
        var best = int.MaxValue;
        for (var columns = 1; columns <= MostColumns; columns++)
        {
            for (var rows = 1; columns * rows <= MostTiles; rows++)
            {
                if (CheapestOf((Part(width, columns), Part(height, rows)), whole.Detail, model) is { } tile)
                    best = Math.Min(best, columns * rows * tile.Cost);
            }
        }

        return best <= ClearlyCheaper * whole.Cost(original, model);

        static int Part(int side, int parts) => ((side - 1) / parts) + 1;
    }

    /// <summary>Chooses the cheapest tiles in which the text is legible.</summary>
    /// <param name="layout">Where the text is.</param>
    /// <param name="textHeight">Height of an x in the smallest text, in pixels of the original.</param>
    /// <param name="whole">How the image would be sent whole, which is best unless it leaves text illegible or is dearer.</param>
    /// <param name="model">How the model sees and counts images.</param>
    /// <returns>The tiles, whatever ceiling there is; null where the image is better sent whole, or tiles do not help.</returns>
    public static TilePlan? Choose(TextLayout layout, double textHeight, LegiblePlan whole, ImageReader model)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(whole);
        ArgumentNullException.ThrowIfNull(model);
        var (best, cost) = At(LegiblePlan.LeastHeight);
        var (smaller, costSmaller) = At(AcceptedHeight);
        if (smaller is not null && (best is null || costSmaller <= ClearlyCheaper * cost)) (best, cost) = (smaller, costSmaller);
        if (best is null || best.Tiles.Count < 2) return null;
        if (whole.Shortfall is null && cost > ClearlyCheaper * whole.Cost((layout.Width, layout.Height), model)) return null;
        return best.Filled(model);

        (TilePlan? Plan, double Cost) At(double letters)
        {
            var scale = ScaleFor(letters, textHeight);
            var (columns, total) = new Cutting(layout, textHeight, scale, whole.Detail, model).Columns();
            if (columns is null) return (null, double.MaxValue);
            var plan = new TilePlan(scale, columns, columns.Sum(tile => model.Count(tile.Sent(scale), tile.Detail)));
            return columns.Count > MostTiles || plan.Pixels(scale) > MostPixels ? (null, double.MaxValue) : (plan, total);
        }
    }

    /// <summary>The size of the whole image at the scale of the tiles.</summary>
    public (int Width, int Height) Sent((int Width, int Height) original) => Scaled(original, Scale);

    private static double ScaleFor(double letters, double textHeight) => Math.Min(1, letters / textHeight);

    private static (int Width, int Height) Scaled((int Width, int Height) size, double scale) =>
        (Math.Max(1, (int)Math.Round(size.Width * scale)), Math.Max(1, (int)Math.Round(size.Height * scale)));

    private long Pixels(double scale) => Tiles.Sum(tile => (long)tile.Sent(scale).Width * tile.Sent(scale).Height);

    /// <summary>The same tiles as large as they can be for the same tokens.</summary>
    private TilePlan Filled(ImageReader model)
    {
        if (model.Rule is null) return this;
        var (least, most) = (Scale, Math.Min(1, 2 * Scale));
        for (var step = 0; step < 16; step++)
        {
            var middle = step == 0 ? most : (least + most) / 2;
            if (Tiles.All(tile => IsAsCheap(tile, middle)) && Pixels(middle) <= MostPixels) least = middle;
            else most = middle;
        }

        return this with { Scale = least };

        bool IsAsCheap(PlannedTile tile, double scale) =>
            model.Seen(tile.Sent(scale), tile.Detail) == tile.Sent(scale)
            && model.Count(tile.Sent(scale), tile.Detail) <= model.Count(tile.Sent(Scale), tile.Detail);
    }

    /// <summary>The cheapest detail in which the model sees a picture of this size undiminished; null where there is none.</summary>
    private static (string Detail, int Cost)? CheapestOf((int Width, int Height) size, string usual, ImageReader model)
    {
        var high = usual == ImageDetail.Low ? ImageDetail.High : usual;
        (string Detail, int Cost)? best = null;
        foreach (var detail in model.KnowsLow ? [ImageDetail.Low, high] : new[] { high })
        {
            if (model.Seen(size, detail) != size) continue;
            var cost = model.Rule is null ? UnknownTokens : model.Count(size, detail) + model.RequestTokens;
            if (best is not { } there || cost < there.Cost) best = (detail, cost);
        }

        return best;
    }

    /// <summary>A place where a column may be cut: the tile above ends at one row, and the one below begins at another, which may be higher up.</summary>
    private readonly record struct Cut(int End, int Begin, int Penalty);

    /// <summary>The cheapest cuts at a scale, found from one cut to the next.</summary>
    private sealed class Cutting(TextLayout layout, double textHeight, double scale, string usual, ImageReader model)
    {
        /// <summary>Cuts between columns of text where that is cheaper, and each column between its lines.</summary>
        public (IReadOnlyList<PlannedTile>? Tiles, double Cost) Columns()
        {
            var edges = layout.Columns().Where(gap => gap.Length >= ColumnGap * textHeight).OrderByDescending(gap => gap.Length).Take(MostColumns)
                .Select(gap => gap.Middle).Prepend(0).Append(layout.Width).Order().ToArray();
            var best = new (double Cost, int From, IReadOnlyList<PlannedTile>? Tiles)[edges.Length];
            for (var to = 1; to < edges.Length; to++)
            {
                best[to] = (double.MaxValue, 0, null);
                for (var from = 0; from < to; from++)
                {
                    if (from > 0 && best[from].Tiles is null) continue;
                    var (tiles, cost) = Rows(edges[from], edges[to]);
                    if (tiles is not null && best[from].Cost + cost < best[to].Cost) best[to] = (best[from].Cost + cost, from, tiles);
                }
            }

            if (best[^1].Tiles is null) return (null, double.MaxValue);
            var all = new List<PlannedTile>();
            for (var at = edges.Length - 1; at > 0; at = best[at].From) all.InsertRange(0, best[at].Tiles!);
            return (all, best[^1].Cost);
        }

        private (IReadOnlyList<PlannedTile>? Tiles, double Cost) Rows(int left, int right)
        {
            var half = (int)Math.Ceiling(Overlap * textHeight / 2);
            var tallest = TallestTile(right - left);
            var cuts = CutsOf(left, right, tallest, half);
            var best = new (double Cost, int From, string? Detail)[cuts.Count];
            for (var to = 1; to < cuts.Count; to++)
            {
                best[to] = (double.MaxValue, 0, null);
                for (var from = to - 1; from >= 0; from--)
                {
                    if (from > 0 && best[from].Detail is null) continue;
                    var height = cuts[to].End - cuts[from].Begin;
                    if (height > tallest + (4 * half)) break;
                    if (height <= 0 || CheapestOf(Scaled((right - left, height), scale), usual, model) is not { } tile) continue;
                    var cost = best[from].Cost + tile.Cost + cuts[to].Penalty;
                    if (cost < best[to].Cost) best[to] = (cost, from, tile.Detail);
                }
            }

            if (best[^1].Detail is null) return (null, double.MaxValue);
            var tiles = new List<PlannedTile>();
            for (var at = cuts.Count - 1; at > 0; at = best[at].From)
            {
                var (above, below) = (cuts[best[at].From].Begin, cuts[at].End);
                tiles.Insert(0, new PlannedTile(left, above, right - left, below - above, best[at].Detail!));
            }

            return (tiles, best[^1].Cost);
        }

        /// <summary>The upper edge, the places where the column may be cut, and the lower edge.</summary>
        /// <param name="left">The first column.</param>
        /// <param name="right">The first column that does not count.</param>
        /// <param name="tallest">Height of the tallest tile.</param>
        /// <param name="half">Half of the rows that two tiles share where there is no white space.</param>
        private List<Cut> CutsOf(int left, int right, int tallest, int half)
        {
            var clean = layout.Rows(layout.Letters, left, right).ToList();
            var cuts = clean.Select(gap => new Cut(gap.Middle, gap.Middle, gap.Length >= ParagraphGap * textHeight ? 0 : BetweenLines));
            var noisy = layout.Rows(layout.Lines, left, right).Select(gap => new Cut(gap.Middle, gap.Middle, InNoise));
            var all = cuts.OrderBy(cut => cut.Penalty).Take(MostRows).Concat(Widest(noisy, clean)).ToList();
            var step = Math.Max(1, tallest / 3);
            for (var y = step; y < layout.Height && all.Count < 2 * MostRows; y += step)
            {
                // Where lines can be told apart near here, none is cut through.
                if (all.Exists(cut => cut.Penalty < ThroughLetters && Math.Abs(cut.End - y) < step)) continue;
                all.Add(new Cut(Math.Min(layout.Height, y + half), Math.Max(0, y - half), ThroughLetters));
            }

            return [.. all.OrderBy(cut => cut.End).Prepend(new Cut(0, 0, 0)).Append(new Cut(layout.Height, layout.Height, 0))];
        }

        private static IEnumerable<Cut> Widest(IEnumerable<Cut> noisy, List<WhiteSpace> clean) =>
            noisy.Where(cut => !clean.Exists(gap => gap.From <= cut.End && cut.End <= gap.To)).Take(MostRows);

        /// <summary>Height of the tallest tile of a width that the model sees undiminished, in pixels of the original; 1 where there is none.</summary>
        private int TallestTile(int width)
        {
            var (least, most) = (1, layout.Height);
            while (least < most)
            {
                var height = (least + most + 1) / 2;
                if (CheapestOf(Scaled((width, height), scale), usual, model) is not null) least = height;
                else most = height - 1;
            }

            return least;
        }
    }
}

/// <summary>A piece of an image, in pixels of the original.</summary>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Width">Number of columns.</param>
/// <param name="Height">Number of rows.</param>
/// <param name="Detail">Detail to send it with.</param>
public sealed record PlannedTile(int Left, int Top, int Width, int Height, string Detail)
{
    /// <summary>The size in which it is sent.</summary>
    public (int Width, int Height) Sent(double scale) =>
        (Math.Max(1, (int)Math.Round(Width * scale)), Math.Max(1, (int)Math.Round(Height * scale)));
}
