using System.Globalization;
using System.Text;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Offline;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Programs;
using NetVips;

namespace MultiModal.Benchmarks;

/// <summary>
/// The offline engine against tesseract itself: both read pictures with known texts, tesseract the original, and the engine what <c>optimize-image</c>
/// makes of it. Errors and CPU time are compared.
/// </summary>
internal static class OcrBenchmark
{
    private const double MostLost = 0.02;
    private const double MostWork = 2;

    /// <param name="arguments">How many pictures of each kind (3), and names of kinds (all).</param>
    /// <param name="cancellationToken">Token that ends the benchmark.</param>
    public static async Task<bool> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        using var images = new NetVipsImageEngine(Decoders.Usual);
        var programs = new ProgramRunner(TimeProvider.System);
        using var engine = new TesseractVisionEngine(programs, 1);
        var count = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 3;
        var kept = true;
        var sums = (Plain: 0.0, Engine: 0.0);
        Console.WriteLine("| kind | CER of tesseract | CER of the engine | CPU of tesseract | CPU of the engine |");
        foreach (var kind in arguments.Length > 1 ? [.. arguments[1..].Select(Enum.Parse<TextPictureKind>)] : Enum.GetValues<TextPictureKind>())
        {
            var (plainError, error, plainWork, work) = (0.0, 0.0, 0.0, 0.0);
            for (var seed = 1; seed <= count; seed++)
            {
                var picture = TextPicture.Draw(kind, seed, folder.Path);
                var before = ChildrenWork();
                var read = await PlainAsync(programs, picture.Path, cancellationToken);
                plainWork += ChildrenWork() - before;
                plainError += picture.Text.Length == 0 ? 0 : TextReader.ErrorRate(picture.Text, read) / count;

                var request = new OptimizeRequest(1024, 1_000_000_000, 85, MeasuresText: true);
                var sent = (await images.OptimizeAsync(picture.Path, request, cancellationToken)).Value;
                var plan = LegiblePlan.Choose(
                    (sent.OriginalWidth, sent.OriginalHeight), sent.TextHeight!.Value, new LegiblePlan(Math.Max(sent.Width, sent.Height), sent.Detail!),
                    ImageReader.Here, new ImageOptions().MaxTokens);
                sent = (await images.OptimizeAsync(picture.Path, new OptimizeRequest(1024, 1_000_000_000, 85, Edge: plan.Edge), cancellationToken)).Value;
                before = ChildrenWork();
                var answer = await engine.AnalyzeAsync(new VisionRequest(sent.Bytes, sent.MediaType, sent.Width, sent.Height), cancellationToken);
                work += ChildrenWork() - before;
                error += picture.Text.Length == 0 ? 0 : TextReader.ErrorRate(picture.Text, answer.Outcome.Value.Text) / count;
                File.Delete(picture.Path);
            }

            sums = (sums.Plain + plainWork, sums.Engine + work);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {kind} | {plainError:F3} | {error:F3} | {plainWork / count:F2} s | {work / count:F2} s |{(error > plainError + MostLost ? " BROKEN: CER" : "")}{(work > MostWork * plainWork ? " more CPU" : "")}"));
            kept &= error <= plainError + MostLost;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"CPU in all: {sums.Engine / sums.Plain:F2} of tesseract's"));
        return kept && sums.Engine <= MostWork * sums.Plain;
    }

    /// <summary>CPU time of the programs that this process has started and that have ended, in seconds (/proc/self/stat, fields 16 and 17).</summary>
    private static double ChildrenWork()
    {
        var fields = File.ReadAllText("/proc/self/stat").Split(") ")[^1].Split(' ');
        return (long.Parse(fields[13], CultureInfo.InvariantCulture) + long.Parse(fields[14], CultureInfo.InvariantCulture)) / 100.0;
    }

    private static async Task<string> PlainAsync(ProgramRunner programs, string path, CancellationToken cancellationToken)
    {
        // A PNG, as tesseract is not built to read everything that is drawn.
        using var image = Image.NewFromFile(path);
        using var input = new MemoryStream(image.PngsaveBuffer(compression: 1));
        var result = await programs.RunAsync(
            new ProgramCall("tesseract", ["stdin", "stdout", "-l", "eng", "--dpi", "300"])
            {
                Input = input,
                TimeLimit = TimeSpan.FromMinutes(10),
                Environment = new Dictionary<string, string> { ["OMP_THREAD_LIMIT"] = "1" },
            },
            cancellationToken);
        return result.Succeeded ? Encoding.UTF8.GetString(result.Output.Span) : "";
    }
}
