namespace MultiModal.Pipeline.Images;

/// <summary>Lines of text among blobs of ink: letters of like height, side by side on one base.</summary>
internal static class TextLines
{
    /// <summary>Edge of the squares by which neighbours are looked up, in pixels.</summary>
    private const int Square = 32;

    /// <summary>Least and most of its box that a letter fills.</summary>
    private const double LeastFill = 0.15, MostFill = 0.98;

    /// <summary>Width of the space between neighbours at most, in heights of the higher one.</summary>
    private const double MostSpace = 1.6;

    /// <summary>How far the bases of neighbours are apart at most, in heights of the higher one: letters such as g reach below.</summary>
    private const double MostStep = 0.4;

    /// <summary>How far the bases of neighbours on the same base are apart at most, in heights of the higher one.</summary>
    private const double Level = 0.13;

    /// <summary>How many times as high as its neighbour a letter can be.</summary>
    private const double MostTaller = 2.3;

    /// <summary>Blobs of a line at least.</summary>
    private const int LeastBlobs = 5;

    /// <summary>Blobs of a line at least that is text even where there is no other.</summary>
    private const int ClearBlobs = 8;

    /// <summary>Height of an x from which letters do not touch each other, in pixels.</summary>
    private const double Parted = 8;

    /// <summary>Share of neighbours in a line that are on the same base, at least.</summary>
    private const double LevelShare = 0.6;

    /// <summary>How many times as high as those of a clear line the letters of a short line can be, or as low.</summary>
    private const double Like = 1.4;

    /// <summary>Letters of a text at least.</summary>
    private const int LeastLetters = 16;

    /// <summary>Letters that are smaller than all that matters, as a share of all: what is read wrong of them is an error of little weight.</summary>
    private const double Ignored = 0.04;

    /// <summary>How much higher than the letter its ink is, because rows that it covers in part count whole, in pixels.</summary>
    private const double EdgeOfInk = 0.5;

    /// <summary>
    /// How much higher letters have to be whose ink and ground are the reverse of most others', such as white ones in a blue box on a white page: what
    /// reads looks for one kind of ink. Measured with tesseract, which read such boxes at 4.8 pixels as well as the others at 3.8.
    /// </summary>
    private const double Reversed = 1.25;

    /// <summary>Height of an x, as a share of the height of capitals and digits.</summary>
    private const double OfCapitals = 0.74;

    /// <param name="blobs">Blobs by their lower edges.</param>
    /// <param name="leastHeight">Height of the smallest letters that are looked for, in pixels.</param>
    public static TextMeasure Measure(IReadOnlyList<InkBlob> blobs, int leastHeight)
    {
        var lines = Texts(blobs, leastHeight).OrderBy(line => line.Height).ToList();
        if (lines.Count == 0) return TextMeasure.None;
        var count = lines.Sum(line => line.Letters);
        var ignored = (int)Math.Max(LeastLetters / 2, Ignored * count);
        var at = lines.FindIndex(line => (ignored -= line.Letters) < 0);
        return new TextMeasure(count, lines[at < 0 ? ^1 : at].Height - EdgeOfInk);
    }

    /// <summary>The boxes of the lines that <see cref="Measure"/> measures.</summary>
    public static IEnumerable<TextBox> Find(IReadOnlyList<InkBlob> blobs, int leastHeight) => Texts(blobs, leastHeight).Select(line => line.Box);

    /// <summary>The boxes of all that could be letters.</summary>
    public static IEnumerable<TextBox> Letters(IReadOnlyList<InkBlob> blobs, int leastHeight) =>
        Candidates(blobs, leastHeight).Select(blob => new TextBox(blob.Left, blob.Top, blob.Right, blob.Bottom));

    private static IEnumerable<InkBlob> Candidates(IReadOnlyList<InkBlob> blobs, int leastHeight) =>
        blobs.Where(blob => blob.Height >= leastHeight && CanBeLetter(blob));

    private static List<TextLine> Texts(IReadOnlyList<InkBlob> blobs, int leastHeight)
    {
        var letters = Candidates(blobs, leastHeight).ToArray();
        if (letters.Length < LeastBlobs) return [];
        var found = Lines(letters).ToList();
        var clear = found.Where(line => line.IsClear).Select(line => line.Height).Order().ToArray();
        if (found.Where(line => line.IsClear).Sum(line => line.Letters) < LeastLetters) return [];
        var usual = Usual(found);
        return Weighed([.. found.Where(line => line.IsClear || IsLikeOne(clear, line.Height)).Select(line => line.As(usual))]);
    }

    /// <summary>
    /// The lines, of which those whose ink and ground are the reverse of most others' count as less high. Letters that matter too little do not.
    /// </summary>
    private static List<TextLine> Weighed(List<TextLine> lines)
    {
        var (all, light) = (lines.Sum(line => line.Letters), lines.Where(line => line.Ink > 0).Sum(line => line.Letters));
        var few = 2 * light < all ? 1 : -1;
        if (Math.Min(light, all - light) <= Ignored * all) return lines;
        return lines.ConvertAll(line => line.Ink == few ? line with { Height = ((line.Height - EdgeOfInk) / Reversed) + EdgeOfInk } : line);
    }

    /// <summary>Whether one of the heights, in rising order, is about as high.</summary>
    private static bool IsLikeOne(double[] heights, double height)
    {
        var at = Array.BinarySearch(heights, height);
        if (at >= 0) return true;
        return (~at < heights.Length && heights[~at] < Like * height) || (~at > 0 && heights[~at - 1] > height / Like);
    }

    /// <summary>The height of an x in most lines that have letters of different heights; 0 where there are none.</summary>
    private static double Usual(IReadOnlyList<TextLine> lines)
    {
        var mixed = lines.Where(line => !line.IsEven).Select(line => line.Height).Order().ToArray();
        return mixed.Length == 0 ? 0 : mixed[mixed.Length / 2];
    }

    private static bool CanBeLetter(InkBlob blob)
    {
        if (blob.Height > 10 * blob.Width) return false;
        var fill = blob.Pixels / ((double)blob.Width * blob.Height);
        return fill >= LeastFill && (fill <= MostFill || blob.Width <= blob.Height);
    }

    private static IEnumerable<TextLine> Lines(InkBlob[] blobs)
    {
        var next = Neighbours(blobs);
        var isNext = new bool[blobs.Length];
        foreach (var to in next.Where(to => to >= 0)) isNext[to] = true;
        var line = new List<InkBlob>();
        for (var first = 0; first < blobs.Length; first++)
        {
            if (isNext[first]) continue;
            line.Clear();
            for (var at = first; at >= 0; at = next[at]) line.Add(blobs[at]);
            if (Judge(line) is { } text) yield return text;
        }
    }

    /// <summary>The nearest blob to the right that could be the next letter, if this one is the nearest to its left.</summary>
    private static int[] Neighbours(InkBlob[] blobs)
    {
        var squares = new Dictionary<(int X, int Y), List<int>>();
        for (var at = 0; at < blobs.Length; at++)
        {
            var square = (blobs[at].Left / Square, blobs[at].Bottom / Square);
            if (!squares.TryGetValue(square, out var inside)) squares[square] = inside = [];
            inside.Add(at);
        }

        var next = new int[blobs.Length];
        var left = new int[blobs.Length];
        var space = new int[blobs.Length];
        Array.Fill(left, -1);
        for (var at = 0; at < blobs.Length; at++)
        {
            next[at] = Nearest(blobs, at, squares);
            if (next[at] is not (>= 0 and var to)) continue;
            var between = blobs[to].Left - blobs[at].Right;
            if (left[to] >= 0 && space[to] <= between) next[at] = -1;
            else
            {
                if (left[to] >= 0) next[left[to]] = -1;
                (left[to], space[to]) = (at, between);
            }
        }

        return next;
    }

    private static int Nearest(InkBlob[] blobs, int at, Dictionary<(int X, int Y), List<int>> squares)
    {
        var blob = blobs[at];
        var reach = MostTaller * blob.Height;
        var (best, nearest) = (double.MaxValue, -1);
        var (right, up, down) = (
            (int)(blob.Right + (MostSpace * reach)) / Square, (int)Math.Max(0, blob.Bottom - (MostStep * reach)) / Square,
            (int)(blob.Bottom + (MostStep * reach)) / Square);
        for (var x = blob.Left / Square; x <= right && nearest < 0; x++)
        {
            for (var y = up; y <= down; y++)
            {
                if (!squares.TryGetValue((x, y), out var inside)) continue;
                foreach (var other in inside)
                {
                    if (other == at) continue;
                    var (candidate, taller) = (blobs[other], Math.Max(blob.Height, blobs[other].Height));
                    var between = candidate.Left - blob.Right;
                    if (candidate.Ink != blob.Ink || candidate.Left <= blob.Left || between >= best || between > MostSpace * taller
                        || between < -0.3 * taller
                        || Math.Abs(candidate.Bottom - blob.Bottom) > MostStep * taller
                        || taller > MostTaller * Math.Min(blob.Height, candidate.Height)) continue;
                    (best, nearest) = (between, other);
                }
            }
        }

        return nearest;
    }

    private static TextLine? Judge(List<InkBlob> line)
    {
        if (line.Count < LeastBlobs) return null;
        var level = 0;
        for (var at = 1; at < line.Count; at++)
        {
            var (one, other) = (line[at - 1], line[at]);
            if (Math.Abs(one.Bottom - other.Bottom) <= Math.Max(1, Level * Math.Max(one.Height, other.Height))) level++;
        }

        if (level < LevelShare * (line.Count - 1)) return null;
        var heights = line.Select(blob => blob.Height).Order().ToArray();
        // Without full stops and the like.
        heights = [.. heights.Where(height => height > 0.55 * heights[heights.Length / 2])];
        var low = heights[(int)(heights.Length * 0.3)];
        var taller = heights.Count(height => height > 1.2 * low && height < 2 * low);
        var isEven = taller < Math.Max(1, 0.08 * heights.Length);
        var x = Average(heights, isEven ? heights[heights.Length / 2] : low);
        var narrow = line.Count(blob => blob.Width < 1.6 * blob.Height);
        var isClear = line.Count >= ClearBlobs && (x < Parted || narrow > 0.7 * line.Count);
        var across = line.Sum(blob => Math.Max(1, (int)Math.Round(blob.Width / (1.2 * x))));
        var box = new TextBox(line.Min(blob => blob.Left), line.Min(blob => blob.Top), line.Max(blob => blob.Right), line.Max(blob => blob.Bottom));
        return new TextLine(line[0].Ink, across, x, isEven, isClear, box);
    }

    /// <summary>The mean of the heights that are about so many pixels.</summary>
    private static double Average(int[] heights, int about) =>
        heights.Where(height => Math.Abs(height - about) <= Math.Max(1, 0.1 * about)).Average();

    /// <param name="Ink">-1 for dark ink on a light ground, 1 for the reverse.</param>
    /// <param name="Letters">About how many letters it has.</param>
    /// <param name="Height">Height of its lower letters, in pixels.</param>
    /// <param name="IsEven">Whether all of them are equally high: capitals, digits, or by chance.</param>
    /// <param name="IsClear">Whether it is so long and regular that it is text even where there is no other.</param>
    /// <param name="Box">The box around it.</param>
    private readonly record struct TextLine(int Ink, int Letters, double Height, bool IsEven, bool IsClear, TextBox Box)
    {
        /// <summary>The line with the height of an x, which in a line of equally high letters depends on the others.</summary>
        public TextLine As(double usual) =>
            !IsEven || (Height < 1.15 * usual && Height > 0.85 * usual) ? this : this with { Height = OfCapitals * Height };
    }
}
