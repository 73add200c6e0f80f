using NetVips;

namespace MultiModal.Pipeline.Testing.Images;

/// <summary>The kinds of pictures that are drawn with a known text.</summary>
public enum TextPictureKind
{
    /// <summary>A long screenshot of a conversation, 1,000 × 12,000 pixels.</summary>
    Chat,

    /// <summary>A screenshot of 2,560 × 1,440 pixels with letters of 15 pixels.</summary>
    Screen,

    /// <summary>A screenshot of a screen with two pixels to a point, 2,880 × 1,800 pixels.</summary>
    DenseScreen,

    /// <summary>A photograph of a receipt, 3,024 × 4,032 pixels.</summary>
    Receipt,

    /// <summary>A scan of a page of A4 at 300 dots an inch, in 10 points.</summary>
    Scan,

    /// <summary>A photograph of a whiteboard.</summary>
    Whiteboard,

    /// <summary>A slide of a talk, 1,920 × 1,080 pixels.</summary>
    Slide,

    /// <summary>A photograph with a sign in it.</summary>
    Sign,

    /// <summary>A photograph without any text.</summary>
    Photo,
}

/// <summary>A picture with a known text, drawn from a seed. Its fonts are those of DejaVu.</summary>
/// <param name="Path">The file: PNG for screenshots and slides, JPEG for all others.</param>
/// <param name="Text">Its text.</param>
/// <param name="Height">Height of an x in its smallest text, in pixels; 0 where there is none.</param>
public sealed record TextPicture(string Path, string Text, double Height)
{
    /// <summary>Height of an x in DejaVu Sans and Sans Mono, and in DejaVu Serif, by the size of the font.</summary>
    private const double OfSans = 0.547, OfSerif = 0.519;

    private const string Words =
        "about above across again almost along answer around arrive autumn balance because before better between bicycle borrow bottle bread "
        + "bridge bright bring building business butter camera carry certain change cheap choose circle clean clear climb close coffee collect "
        + "common compare corner could country cover cross daily danger decide deliver design dinner distance double dress early earth either "
        + "empty engine enough evening every example explain family famous farmer father finish flower follow foreign forest forward friend "
        + "garden general gentle glass ground group growth guard happen harbour health heavy history holiday honest hour house however hundred "
        + "imagine important inside island journey kitchen known language large later learn leave letter library listen little lower lunch "
        + "market matter measure meeting middle minute mirror modern money month morning mother mountain moved music narrow nature needle "
        + "never noise normal north number object office often orange order other paper perhaps person picture plain planet plenty pocket "
        + "point possible present price problem public quarter question quick quiet railway ready reason remember repair report right river "
        + "school season second seldom sentence several shadow share shop short silver simple single sister sleep slowly small smooth soft "
        + "something south speech spring square station stone story street strong sudden sugar summer supper surface table teacher thing "
        + "think thought through ticket together tomorrow travel trouble under until usual valley village visit voice water weather week "
        + "welcome white window winter without wonder word work worker world write yellow yesterday young";

    private static readonly string[] Vocabulary = Words.Split(' ');

    private static readonly (byte, byte, byte) White = (255, 255, 255), Ink = (24, 24, 28), Pale = (232, 234, 238), Blue = (20, 90, 200);

    /// <summary>Draws the picture of a kind and a seed into a folder.</summary>
    public static TextPicture Draw(TextPictureKind kind, int seed, string folder)
    {
        _ = MultiModal.Pipeline.Images.Libvips.Version;
        var random = new Random((1000 * (int)kind) + seed);
        var isDrawn = kind is TextPictureKind.Chat or TextPictureKind.Screen or TextPictureKind.DenseScreen or TextPictureKind.Slide;
        var path = System.IO.Path.Combine(folder, $"{kind}-{seed}.{(isDrawn ? "png" : "jpg")}");
        return kind switch
        {
            TextPictureKind.Chat => Chat(random, path),
            TextPictureKind.Screen => Screen(random, path, 2560, 1440, 15),
            TextPictureKind.DenseScreen => Screen(random, path, 2880, 1800, 28),
            TextPictureKind.Receipt => Receipt(random, path),
            TextPictureKind.Scan => Scan(random, path),
            TextPictureKind.Whiteboard => Whiteboard(random, path),
            TextPictureKind.Slide => Slide(random, path),
            TextPictureKind.Sign => Sign(random, path),
            _ => Photo(random, path),
        };
    }

    /// <summary>So many words, of which the first has a capital and the last a full stop.</summary>
    private static string Sentence(Random random, int words)
    {
        var text = string.Join(' ', Enumerable.Range(0, words).Select(_ => Vocabulary[random.Next(Vocabulary.Length)]));
        return $"{char.ToUpperInvariant(text[0])}{text[1..]}.";
    }

    private static TextPicture Chat(Random random, string path)
    {
        var canvas = new TextCanvas(1000, 12_000, (236, 229, 221));
        var size = random.Next(32, 41);
        var texts = new List<string>();
        for (var (y, mine) = (60, false); ; mine = random.Next(3) == 0 ? mine : !mine)
        {
            var text = Sentence(random, random.Next(3, 26));
            var mask = TextCanvas.Measure(text, $"DejaVu Sans {size}", 620);
            if (y + mask.Height + 120 > canvas.Height) break;
            var left = mine ? canvas.Width - 60 - mask.Width - 40 : 60;
            canvas.Fill(left, y, mask.Width + 40, mask.Height + 40, mine ? Blue : White);
            canvas.Write(left + 20, y + 20, mask, mine ? White : Ink);
            texts.Add(text);
            y += mask.Height + 40 + random.Next(20, 70);
        }

        return Save(canvas.ToImage(), path, texts, OfSans * size);
    }

    private static TextPicture Screen(Random random, string path, int width, int height, int size)
    {
        var canvas = new TextCanvas(width, height, White);
        var dark = random.Next(3) == 0;
        var (ground, ink) = dark ? (((byte)30, (byte)31, (byte)36), ((byte)214, (byte)216, (byte)220)) : (((byte)255, (byte)255, (byte)255), Ink);
        canvas.Fill(0, 0, width, height, ground);
        var texts = new List<string>();
        var side = width / 6;
        canvas.Fill(0, 0, side, height, dark ? ((byte)44, (byte)46, (byte)52) : Pale);
        for (var y = 3 * size; y < height - (3 * size); y += 3 * size)
        {
            var entry = Vocabulary[random.Next(Vocabulary.Length)];
            canvas.Write(2 * size, y, entry, $"DejaVu Sans {size}", ink);
            texts.Add(entry);
        }

        var column = (width - side - (6 * size)) / 2;
        for (var x = 0; x < 2; x++)
        {
            var left = side + (2 * size) + (x * (column + (2 * size)));
            for (var y = 3 * size; ;)
            {
                var paragraph = string.Join(' ', Enumerable.Range(0, random.Next(2, 5)).Select(_ => Sentence(random, random.Next(6, 16))));
                var mask = TextCanvas.Measure(paragraph, $"DejaVu Sans {size}", column);
                if (y + mask.Height > height - (3 * size)) break;
                texts.Add(paragraph);
                y = canvas.Write(left, y, mask, ink) + (2 * size);
            }
        }

        return Save(canvas.ToImage(), path, texts, OfSans * size);
    }

    private static TextPicture Receipt(Random random, string path)
    {
        var (width, height) = (3024, 4032);
        var paper = new TextCanvas(1500, 3400, (246, 244, 238));
        var size = random.Next(38, 48);
        var font = $"DejaVu Sans Mono {size}";
        var columns = (int)(1300 / (size * 0.602));
        var texts = new List<string>();
        for (var y = 120; y < paper.Height - 160; y += size * 3 / 2)
        {
            var what = $"{Vocabulary[random.Next(Vocabulary.Length)]} {Vocabulary[random.Next(Vocabulary.Length)]}";
            var price = FormattableString.Invariant($"{random.Next(1, 90)}.{random.Next(10, 99)}");
            var line = what.PadRight(columns - price.Length) + price;
            paper.Write(100, y, line, font, (60, 58, 62));
            texts.Add($"{what} {price}");
        }

        var lean = 0.02 + (0.04 * random.NextDouble());
        using var flat = paper.ToImage();
        using var scene = Perspective(flat, width, height, [
            (750 + random.Next(60), 280 + random.Next(60)), (2290 - random.Next(60), 300 + random.Next(60)),
            (2400 - random.Next(40), 3760 - random.Next(40)), (640 + random.Next(40), 3740 - random.Next(40))], (96, 74, 58));
        return Save(Photographed(scene, random, blur: 0.8 + (10 * lean), noise: 7), path, texts, OfSans * size * 1.02);
    }

    private static TextPicture Scan(Random random, string path)
    {
        var canvas = new TextCanvas(2480, 3508, (250, 250, 248));
        // 10 points at 300 dots an inch.
        const double size = 10 * 300 / 72.0;
        var serif = random.Next(2) == 0;
        var font = FormattableString.Invariant($"DejaVu {(serif ? "Serif" : "Sans")} {size:F1}");
        var texts = new List<string>();
        for (var y = 280; ;)
        {
            var paragraph = string.Join(' ', Enumerable.Range(0, random.Next(3, 7)).Select(_ => Sentence(random, random.Next(7, 18))));
            var mask = TextCanvas.Measure(paragraph, font, 1900);
            if (y + mask.Height > canvas.Height - 280) break;
            texts.Add(paragraph);
            y = canvas.Write(290, y, mask, Ink) + 50;
        }

        using var drawn = canvas.ToImage();
        using var turned = drawn.Rotate((random.NextDouble() - 0.5) * 1.2, background: [250, 250, 248]);
        using var page = turned.ExtractArea((turned.Width - 2480) / 2, (turned.Height - 3508) / 2, 2480, 3508);
        return Save(Photographed(page, random, blur: 0.7, noise: 3, shade: 0), path, texts, (serif ? OfSerif : OfSans) * size);
    }

    private static TextPicture Whiteboard(Random random, string path)
    {
        var board = new TextCanvas(2900, 2000, (238, 240, 241));
        var size = random.Next(84, 120);
        var texts = new List<string>();
        (byte, byte, byte)[] pens = [(30, 40, 120), (20, 90, 60), (150, 30, 40), (40, 40, 44)];
        for (var y = 120; y < board.Height - (2 * size); y += 2 * size)
        {
            var line = string.Join(' ', Enumerable.Range(0, random.Next(2, 6)).Select(_ => Vocabulary[random.Next(Vocabulary.Length)]));
            board.Write(140, y, line, $"DejaVu Sans ExtraLight {size}", pens[random.Next(pens.Length)]);
            texts.Add(line);
        }

        using var flat = board.ToImage();
        using var scene = Perspective(flat, 3264, 2448, [
            (150 + random.Next(80), 180 + random.Next(80)), (3130 - random.Next(80), 160 + random.Next(80)),
            (3150 - random.Next(80), 2280 - random.Next(80)), (130 + random.Next(80), 2300 - random.Next(80))], (180, 176, 168));
        return Save(Photographed(scene, random, blur: 1.4, noise: 6), path, texts, OfSans * size);
    }

    private static TextPicture Slide(Random random, string path)
    {
        var canvas = new TextCanvas(1920, 1080, White);
        canvas.Fill(0, 0, 1920, 150, Blue);
        var title = Sentence(random, 4);
        canvas.Write(80, 40, title, "DejaVu Sans Bold 60", White);
        var size = random.Next(34, 46);
        var texts = new List<string> { title };
        for (var y = 230; ;)
        {
            var point = Sentence(random, random.Next(6, 16));
            var mask = TextCanvas.Measure(point, $"DejaVu Sans {size}", 1600);
            if (y + mask.Height > 1030) break;
            texts.Add(point);
            y = canvas.Write(120, y, mask, Ink) + size;
        }

        return Save(canvas.ToImage(), path, texts, OfSans * size);
    }

    private static TextPicture Sign(Random random, string path)
    {
        using var ground = Scenery(random, 4000, 3000);
        var sign = new TextCanvas(1500, 600, (250, 214, 40));
        var size = random.Next(110, 160);
        var lines = Enumerable.Range(0, 2)
            .Select(_ => string.Join(' ', Enumerable.Range(0, 2).Select(_ => Vocabulary[random.Next(Vocabulary.Length)]))).ToList();
        sign.Write(80, 90, lines[0], $"DejaVu Sans Bold {size}", Ink);
        sign.Write(80, 340, lines[1], $"DejaVu Sans Bold {size}", Ink);
        using var board = sign.ToImage();
        using var scene = ground.Insert(board, random.Next(400, 2000), random.Next(400, 1800));
        return Save(Photographed(scene, random, blur: 1, noise: 4), path, lines, OfSans * size);
    }

    private static TextPicture Photo(Random random, string path)
    {
        using var ground = Scenery(random, 4000, 3000);
        return Save(Photographed(ground, random, blur: 0.8, noise: 4), path, [], 0);
    }

    /// <summary>Clouds, leaves and edges in three colours.</summary>
    private static Image Scenery(Random random, int width, int height)
    {
        var seed = random.Next();
        var bands = Enumerable.Range(0, 3).Select(band =>
        {
            using var clouds = Image.Perlin(width, height, cellSize: 512, uchar: false, seed: seed + band);
            using var leaves = Image.Perlin(width, height, cellSize: 24, uchar: false, seed: seed);
            using var branches = Image.Worley(width, height, cellSize: 160, seed: seed);
            return 128 + (60 * clouds) + (35 * leaves) + (0.3 * (branches % 120));
        }).ToArray();
        using var scene = bands[0].Bandjoin(bands[1..]);
        using var bytes = scene.Cast(Enums.BandFormat.Uchar);
        using var coloured = bytes.Copy(interpretation: Enums.Interpretation.Srgb);
        foreach (var band in bands) band.Dispose();
        return coloured.CopyMemory();
    }

    /// <summary>What a lens and a sensor make of it: blur, light that falls off to one side, and noise.</summary>
    private static Image Photographed(Image scene, Random random, double blur, double noise, double shade = 0.25)
    {
        using var soft = scene.Gaussblur(blur);
        using var place = Image.Xyz(scene.Width, scene.Height);
        using var across = place[0];
        using var light = 1 - (across * (shade * random.NextDouble() / scene.Width));
        using var lit = soft * light;
        using var grain = Image.Gaussnoise(scene.Width, scene.Height, sigma: noise, mean: 0, seed: random.Next());
        using var noisy = lit + grain;
        using var bytes = noisy.Cast(Enums.BandFormat.Uchar);
        return bytes.Copy(interpretation: Enums.Interpretation.Srgb);
    }

    /// <summary>A sheet seen from the side, in front of a ground.</summary>
    /// <param name="sheet">The sheet.</param>
    /// <param name="width">Width of the scene.</param>
    /// <param name="height">Height of the scene.</param>
    /// <param name="corners">Where its corners are, clockwise from the upper left.</param>
    /// <param name="ground">Colour of the ground.</param>
    private static Image Perspective(Image sheet, int width, int height, (double X, double Y)[] corners, (byte R, byte G, byte B) ground)
    {
        var map = Homography(corners, [(0, 0), (sheet.Width, 0), (sheet.Width, sheet.Height), (0, sheet.Height)]);
        using var place = Image.Xyz(width, height);
        using var x = place[0];
        using var y = place[1];
        using var depth = (map[6] * x) + (map[7] * y) + 1;
        using var u = ((map[0] * x) + (map[1] * y) + map[2]) / depth;
        using var v = ((map[3] * x) + (map[4] * y) + map[5]) / depth;
        using var index = u.Bandjoin(v);
        using var bicubic = Interpolate.NewFromName("bicubic");
        using var seen = sheet.Mapim(index, interpolate: bicubic, background: [ground.R, ground.G, ground.B], extend: Enums.Extend.Background);
        return seen.CopyMemory();
    }

    /// <summary>The eight numbers of the projection that takes four points to four others, by elimination.</summary>
    private static double[] Homography((double X, double Y)[] from, (double X, double Y)[] to)
    {
        var rows = new double[8][];
        for (var at = 0; at < 4; at++)
        {
            var ((x, y), (u, v)) = (from[at], to[at]);
            rows[2 * at] = [x, y, 1, 0, 0, 0, -x * u, -y * u, u];
            rows[(2 * at) + 1] = [0, 0, 0, x, y, 1, -x * v, -y * v, v];
        }

        for (var column = 0; column < 8; column++)
        {
            var pivot = Enumerable.Range(column, 8 - column).MaxBy(row => Math.Abs(rows[row][column]));
            (rows[column], rows[pivot]) = (rows[pivot], rows[column]);
            for (var row = 0; row < 8; row++)
            {
                if (row == column) continue;
                var share = rows[row][column] / rows[column][column];
                for (var at = column; at < 9; at++) rows[row][at] -= share * rows[column][at];
            }
        }

        return [.. Enumerable.Range(0, 8).Select(row => rows[row][8] / rows[row][row])];
    }

    private static TextPicture Save(Image image, string path, IEnumerable<string> texts, double height)
    {
        using (image)
        {
            if (path.EndsWith(".png", StringComparison.Ordinal)) image.Pngsave(path, compression: 3);
            else image.Jpegsave(path, q: 90);
        }

        return new TextPicture(path, string.Join('\n', texts), height);
    }
}
