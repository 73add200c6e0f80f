using System.Globalization;
using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Images;
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
        var ofCheapest = tokens / results.Average(r => r.CheapestTokens);
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
        else Promise("the plan is nearly the cheapest", noted == results.Count || ofCheapest <= MostOfCheapest);
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
            var model = ImageReader.OfModel(family.Images);
            var usualPlan = new LegiblePlan(Math.Max(usual.Width, usual.Height), usual.Detail!);
            var plan = LegiblePlan.Choose(original, usual.TextHeight!.Value, usualPlan, model, new ImageOptions().MaxTokens);
            var least = await LeastEdgeAsync(original, cancellationToken);
            return new Result(
                Text(original), Text((usual.Width, usual.Height)), Text(At(original, plan.Edge)),
                model.Count((usual.Width, usual.Height), usual.Detail!), model.Count(At(original, plan.Edge), plan.Detail), Cheapest(original, least, model), await OriginalErrorAsync(cancellationToken),
                await ErrorAsync(usualPlan.Edge, cancellationToken), await ErrorAsync(plan.Edge, cancellationToken), plan.Shortfall is not null);
        }

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

        /// <summary>Tokens of the cheapest plan that shows the original at least so large: in low or high detail, whole or tiled.</summary>
        private int Cheapest((int Width, int Height) original, int least, ImageReader model)
        {
            if (picture.Height == 0) return int.MaxValue;
            var (width, height) = At(original, least);
            var overlap = (int)Math.Ceiling(2 * picture.Height * least / Math.Max(original.Width, original.Height));
            var best = int.MaxValue;
            foreach (var detail in new[] { ImageDetail.Low, ImageDetail.High })
            {
                for (var columns = 1; columns <= 8; columns++)
                {
                    for (var rows = 1; rows <= 40; rows++)
                    {
                        var tile = (Part(width, columns), Part(height, rows));
                        if (model.Seen(tile, detail) == tile) best = Math.Min(best, rows * columns * model.Count(tile, detail));
                    }
                }
            }

            return best;

            int Part(int side, int parts) => ((side - 1) / parts) + 1 + (parts > 1 ? overlap : 0);
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

    private sealed record Result(
        string Original, string Usual, string Sent, int UsualTokens, int Tokens, int CheapestTokens, double OriginalError, double UsualError,
        double Error, bool IsNoted);
}
