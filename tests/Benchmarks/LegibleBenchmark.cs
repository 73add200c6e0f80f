using System.Globalization;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Chat;
using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Runs;
using NetVips;

namespace MultiModal.Benchmarks;

/// <summary>
/// Whether text can be read in what is sent, and whether it could be sent for less: pictures of nine kinds with known texts, drawn from seeds, are
/// optimised and read with tesseract, and so are their originals. The cheapest plan is searched for by trying sizes, details and tilings.
/// </summary>
internal static class LegibleBenchmark
{
    private const int UsualCount = 10;

    /// <summary>Largest share of characters that is read worse than in the original.</summary>
    private const double MostLost = 0.05;

    /// <summary>Most tokens, in proportion to the cheapest plan.</summary>
    private const double MostOfCheapest = 1.25;

    /// <summary>Most tokens where the text was legible anyway, and of photographs without text, in proportion to the usual ones.</summary>
    private const double MostOfUsual = 1.05, MostOfPhoto = 1.02;

    /// <summary>Heights of an x that are tried for the cheapest plan, in pixels: each is 6 % more than the one before.</summary>
    private static readonly double[] Heights = [.. Enumerable.Range(0, 22).Select(step => 3 * Math.Pow(1.06, step))];

    private static readonly string[] Models = ["gpt-4.1-mini", "gpt-4o", "gpt-5.6-luna"];

    /// <param name="arguments">How many pictures of each kind (10), and names of kinds (all).</param>
    /// <param name="cancellationToken">Token that ends the benchmark.</param>
    public static async Task<bool> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        using var engine = new NetVipsImageEngine(Decoders.Usual);
        var count = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : UsualCount;
        var kinds = arguments.Length > 1 ? [.. arguments[1..].Select(Enum.Parse<TextPictureKind>)] : Enum.GetValues<TextPictureKind>();
        var kept = true;
        Console.WriteLine(
            "| kind | model | size | usually sent | sent | tokens usually | tokens | USD for 1,000 | CER of the original | CER usually | CER "
            + "| of the cheapest |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var kind in kinds)
        {
            var results = Models.ToDictionary(model => model, _ => new List<Result>());
            for (var seed = 1; seed <= count; seed++)
            {
                var trial = new Trial(engine, TextPicture.Draw(kind, seed, folder.Path), kind);
                foreach (var model in Models)
                {
                    var family = ModelFamilies.BuiltIn.ChatOf(model, ModelFamilies.UnknownServiceChat);
                    results[model].Add(await trial.RunAsync(family, cancellationToken));
                }

                File.Delete(trial.Picture.Path);
            }

            foreach (var (model, made) in results) kept &= Report(kind, model, made);
        }

        Console.WriteLine(kept ? "holds" : "BROKEN");
        return kept;
    }

    private static bool Report(TextPictureKind kind, string model, List<Result> results)
    {
        var (usually, tokens) = (results.Average(r => r.UsualTokens), results.Average(r => r.Tokens));
        var (original, before, now) = (results.Average(r => r.OriginalError), results.Average(r => r.UsualError), results.Average(r => r.Error));
        var changed = results.Where(r => r.CheapestTokens is not null && !r.IsNoted).ToList();
        var ofCheapest = changed.Count == 0 ? (double?)null : changed.Average(r => r.Tokens) / changed.Average(r => r.CheapestTokens!.Value);
        var price = ModelCatalogue.BuiltIn.Find(model, ModelCapability.Chat)!.Prices[0].Input / 1000 * (decimal)tokens;
        var first = results[0];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {kind} | {model} | {first.Original} | {first.Usual} | {first.Sent} | {usually:F0} | {tokens:F0} | {price:F2} | {original:F3} "
            + $"| {before:F3} | {now:F3} | {ofCheapest:F2} |"));
        var holds = true;
        var noted = results.Count(r => r.IsNoted);
        var wasLegible = before <= original + MostLost;
        Promise("text is read as in the original, or a note says that it is not", noted == results.Count || now <= original + MostLost);
        if (kind == TextPictureKind.Photo) Promise("photographs cost what they did", Math.Abs((tokens / usually) - 1) <= MostOfPhoto - 1);
        else if (wasLegible) Promise("what was legible costs what it did", tokens <= MostOfUsual * usually);
        else Promise("the plan is nearly the cheapest", ofCheapest is null or <= MostOfCheapest);
        if (noted > 0) Console.WriteLine($"  noted: {noted} of {results.Count}");
        return holds;

        void Promise(string what, bool isKept)
        {
            if (!isKept) Console.WriteLine($"  BROKEN: {what}");
            holds &= isKept;
        }
    }

    /// <summary>One picture. What is read in each size is kept, because the models share many.</summary>
    private sealed class Trial(NetVipsImageEngine engine, TextPicture picture, TextPictureKind kind)
    {
        private readonly TextReader reader = new();
        private readonly Dictionary<int, double> errors = [];
        private readonly Dictionary<(double Scale, int Columns, int Rows), double> grids = [];
        private double? originalError;
        private int? leastEdge;

        public TextPicture Picture => picture;

        private int Mode => kind switch
        {
            TextPictureKind.Sign => 11,
            TextPictureKind.Receipt => 6,
            _ => 3,
        };

        public async Task<Result> RunAsync(ChatFamily family, CancellationToken cancellationToken)
        {
            var request = new OptimizeRequest(1024, 1_000_000_000, 85, family.Sizing, MeasuresText: true);
            var usual = (await engine.OptimizeAsync(picture.Path, request, cancellationToken)).Value;
            var original = (usual.OriginalWidth, usual.OriginalHeight);
            var model = ImageReader.OfModel(family.Images, VisionPrompt.UsualTokens);
            var usualPlan = new LegiblePlan(Math.Max(usual.Width, usual.Height), usual.Detail!);
            var whole = LegiblePlan.Choose(original, usual.TextHeight!.Value, usualPlan, model, new ImageOptions().MaxTokens);
            var plan = await PlanAsync(usual, usualPlan, whole, model, request, cancellationToken);
            return new Result(
                Text(original), Text((usual.Width, usual.Height)), plan.Sent, TokensOf(usualPlan, original, model), plan.Tokens,
                whole == usualPlan ? null : await CheapestAsync(original, await LeastEdgeAsync(original, cancellationToken), model, plan.Tokens, cancellationToken),
                await OriginalErrorAsync(cancellationToken),
                await ErrorAsync(usualPlan.Edge, cancellationToken), plan.Error, plan.IsNoted);
        }

        /// <summary>What the step does: whole as usual, whole but larger, or in tiles.</summary>
        private async Task<Made> PlanAsync(
            OptimizedImage usual, LegiblePlan usualPlan, LegiblePlan whole, ImageReader model, OptimizeRequest request,
            CancellationToken cancellationToken)
        {
            var (original, height) = ((usual.OriginalWidth, usual.OriginalHeight), usual.TextHeight!.Value);
            if (whole != usualPlan && TilePlan.MayBeBetter(original, height, whole, model))
            {
                var cut = await CutAsync(layout => TilePlan.Choose(layout, height, whole, model), request, cancellationToken);
                if (cut is { Plan: { } tiles } && tiles.Tokens <= new ImageOptions().MaxTokens)
                {
                    var tokens = tiles.Tokens + (tiles.Tiles.Count * model.RequestTokens);
                    return new Made($"{tiles.Tiles.Count} tiles of {Text(tiles.Sent(original))}", tokens, cut.Error, IsNoted: false);
                }
            }

            return new Made(
                Text(At(original, whole.Edge)), TokensOf(whole, original, model), await ErrorAsync(whole.Edge, cancellationToken),
                whole.Shortfall is not null);
        }

        /// <summary>Cuts the picture, reads each tile, and joins what was read.</summary>
        private async Task<(TilePlan? Plan, double Error)> CutAsync(
            Func<TextLayout, TilePlan?> choose, OptimizeRequest request, CancellationToken cancellationToken)
        {
            var cut = (await engine.CutAsync(picture.Path, request, choose, cancellationToken)).Value;
            if (cut.Plan is not { } plan) return (null, 0);
            var (tiles, seen) = (new List<ImageTile>(), new List<ImageAnalysis>());
            foreach (var (tile, at) in cut.Tiles.Zip(plan.Tiles))
            {
                using var image = Image.NewFromBuffer(tile.Bytes.ToArray());
                seen.Add(new ImageAnalysis(null, await reader.ReadAsync(image, picture.Height * plan.Scale, Mode, cancellationToken), []));
                tiles.Add(new ImageTile(
                    "", default, tile.MediaType, tile.Bytes.Length, tile.Width, tile.Height, at.Detail, at.Left, at.Top, at.Width, at.Height));
            }

            return (plan, TextReader.ErrorRate(picture.Text, TileStitcher.Stitch(tiles, seen).Text));
        }

        private static int TokensOf(LegiblePlan plan, (int Width, int Height) original, ImageReader model) =>
            model.Count(At(original, plan.Edge), plan.Detail) + model.RequestTokens;

        /// <summary>The shortest edge at which the text is read nearly as in the original, by trying half of what is left each time.</summary>
        private async Task<int> LeastEdgeAsync((int Width, int Height) original, CancellationToken cancellationToken)
        {
            if (leastEdge is { } known) return known;
            var (low, high) = (0, Heights.Length);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (await ErrorAsync(EdgeFor(middle), cancellationToken) <= await OriginalErrorAsync(cancellationToken) + MostLost) high = middle;
                else low = middle + 1;
            }

            leastEdge = EdgeFor(low);
            return leastEdge.Value;

            int EdgeFor(int step)
            {
                var longEdge = Math.Max(original.Width, original.Height);
                return picture.Height == 0 ? 1 : step == Heights.Length ? longEdge : Math.Min(longEdge, (int)(longEdge * Heights[step] / picture.Height));
            }
        }

        /// <summary>
        /// Tokens of the cheapest plan that keeps the bound: in low or high detail, whole or in tiles of any number, each as large as it can be for
        /// its tokens. What costs less than all that was found is cut and read; in tiles of equal size, which share two lines.
        /// </summary>
        /// <param name="original">Size of the original.</param>
        /// <param name="least">The shortest edge at which the whole picture is read as asked.</param>
        /// <param name="model">How the model sees and counts.</param>
        /// <param name="found">Tokens of the plan that is judged: dearer ones are of no interest.</param>
        /// <param name="cancellationToken">Token that ends the programs.</param>
        private async Task<int> CheapestAsync(
            (int Width, int Height) original, int least, ImageReader model, int found, CancellationToken cancellationToken)
        {
            if (picture.Height == 0) return int.MaxValue;
            var longEdge = Math.Max(original.Width, original.Height);
            var overlap = (int)Math.Ceiling(5 * picture.Height);
            var trials = new List<(int Tokens, double Scale, int Columns, int Rows, string Detail)>();
            foreach (var detail in model.KnowsLow ? [ImageDetail.Low, ImageDetail.High] : new[] { ImageDetail.High })
            {
                for (var columns = 1; columns <= 8; columns++)
                {
                    for (var rows = 1; rows <= 40; rows++)
                    {
                        // The sizes from the least that can be read upwards: where the tokens rise, the size before was the largest for its tokens.
                        (int Tokens, double Scale)? before = null;
                        for (var scale = (double)least / longEdge; scale <= 1; scale *= 1.01)
                        {
                            var tile = (Part(original.Width, columns, scale), Part(original.Height, rows, scale));
                            if (model.Seen(tile, detail) != tile) break;
                            var tokens = rows * columns * (model.Count(tile, detail) + model.RequestTokens);
                            if (tokens >= found) break;
                            if (before is { } smaller && smaller.Tokens < tokens) trials.Add((smaller.Tokens, smaller.Scale, columns, rows, detail));
                            before = (tokens, scale);
                        }

                        if (before is { } last) trials.Add((last.Tokens, last.Scale, columns, rows, detail));
                    }
                }
            }

            foreach (var trial in trials.OrderBy(t => t.Tokens).ThenByDescending(t => t.Scale))
            {
                if (await GridErrorAsync(original, trial.Scale, trial.Columns, trial.Rows, overlap, trial.Detail, cancellationToken)
                    <= await OriginalErrorAsync(cancellationToken) + MostLost) return trial.Tokens;
            }

            return found;

            int Part(int side, int parts, double scale) => (int)Math.Ceiling(scale * (((side - 1) / parts) + 1 + (parts > 1 ? overlap : 0)));
        }

        private async Task<double> GridErrorAsync(
            (int Width, int Height) original, double scale, int columns, int rows, int overlap, string detail, CancellationToken cancellationToken)
        {
            var key = (Math.Round(scale, 4), columns, rows);
            if (grids.TryGetValue(key, out var known)) return known;
            var tiles = new List<PlannedTile>();
            for (var column = 0; column < columns; column++)
            {
                for (var row = 0; row < rows; row++)
                {
                    var (left, width) = Side(original.Width, columns, column);
                    var (top, height) = Side(original.Height, rows, row);
                    tiles.Add(new PlannedTile(left, top, width, height, detail));
                }
            }

            var request = new OptimizeRequest(1024, 1_000_000_000, 85);
            return grids[key] = (await CutAsync(_ => new TilePlan(scale, tiles, Tokens: 0), request, cancellationToken)).Error;

            (int From, int Length) Side(int side, int parts, int part)
            {
                var length = ((side - 1) / parts) + 1;
                var from = Math.Max(0, (part * length) - (overlap / 2));
                return (from, Math.Min(side, ((part + 1) * length) + (overlap / 2)) - from);
            }
        }

        private async Task<double> OriginalErrorAsync(CancellationToken cancellationToken)
        {
            if (originalError is { } known) return known;
            using var image = Image.NewFromFile(picture.Path);
            originalError = await ReadAsync(image, picture.Height, cancellationToken);
            return originalError.Value;
        }

        /// <summary>Reads exactly what would be sent with a long edge of so many pixels.</summary>
        private async Task<double> ErrorAsync(int edge, CancellationToken cancellationToken)
        {
            if (errors.TryGetValue(edge, out var known)) return known;
            var sent = (await engine.OptimizeAsync(picture.Path, new OptimizeRequest(1024, 1_000_000_000, 85, Edge: edge), cancellationToken)).Value;
            using var image = Image.NewFromBuffer(sent.Bytes.ToArray());
            return errors[edge] = await ReadAsync(image, picture.Height * sent.Width / sent.OriginalWidth, cancellationToken);
        }

        private async Task<double> ReadAsync(Image image, double height, CancellationToken cancellationToken) =>
            picture.Text.Length == 0 ? 0 : TextReader.ErrorRate(picture.Text, await reader.ReadAsync(image, height, Mode, cancellationToken));

        private static (int Width, int Height) At((int Width, int Height) original, int edge) =>
            VisionTokens.AtEdge(original.Width, original.Height, edge);

        private static string Text((int Width, int Height) size) => $"{size.Width} × {size.Height}";
    }

    /// <summary>What is sent for a picture.</summary>
    private sealed record Made(string Sent, int Tokens, double Error, bool IsNoted);

    private sealed record Result(
        string Original, string Usual, string Sent, int UsualTokens, int Tokens, int? CheapestTokens, double OriginalError, double UsualError,
        double Error, bool IsNoted);
}
