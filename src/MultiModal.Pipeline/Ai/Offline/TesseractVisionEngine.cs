using System.Globalization;
using System.Text;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Programs;
using NetVips;

namespace MultiModal.Pipeline.Ai.Offline;

/// <summary>
/// Reads the text of images with the program <c>tesseract</c>. It recognises letters only: there is no description
/// and there are no tags.
/// </summary>
/// <remarks>
/// Measured by the share of words found in a paragraph at 1,024 pixels, 12 to 40 points. Enlarging twice raises small print of a
/// page that was shrunk from 51 % to all, light print on dark from 25 % to all; enlarging three times only takes more
/// time. On a grainy photograph the default reading finds 12 to 26 % of small print and reading for scattered text with
/// a local threshold 97 % and more, but that one loses up to 15 % of light print on dark, and the order of lines. So the second reading looks only
/// where the first was not confident, after the words of the first were painted over, and only adds to it.
/// </remarks>
public sealed class TesseractVisionEngine : IVisionEngine, IDisposable
{
    private const string Revision = "2";

    /// <summary>The second reading may take this long where the first was faster, because it finds more in a grainy photograph.</summary>
    private static readonly TimeSpan LeastSecondWork = TimeSpan.FromSeconds(4);

    private static readonly string[] AsPage = ["--psm", "3"];
    private static readonly string[] AsScatteredText = ["--psm", "11", "-c", "thresholding_method=2"];

    private readonly ProgramRunner programs;
    private readonly SemaphoreSlim slots;
    private readonly string languages;
    private readonly string program;
    private readonly Lazy<string> version;

    /// <param name="programs">Runner of the program.</param>
    /// <param name="maxConcurrency">Images read at once, at least 1; each keeps a core busy.</param>
    /// <param name="languages">Value of <see cref="OcrOptions.Languages"/>.</param>
    /// <param name="program">Path, or name that is looked up in <c>PATH</c>.</param>
    public TesseractVisionEngine(ProgramRunner programs, int maxConcurrency, string languages = "eng", string program = "tesseract")
    {
        ArgumentNullException.ThrowIfNull(programs);
        ArgumentException.ThrowIfNullOrEmpty(languages);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrency, 1);
        (this.programs, this.languages, this.program) = (programs, languages, program);
        slots = new SemaphoreSlim(maxConcurrency);
        version = new Lazy<string>(() => Task.Run(AskVersionAsync).GetAwaiter().GetResult());
    }

    /// <summary>Whether the program is installed; its language data may still be missing.</summary>
    public bool IsInstalled => ProgramRunner.Find(program) is not null;

    /// <summary>The first call asks the program for its version. What the earlier revision read is found and kept.</summary>
    public EngineIdentity Identity => OfRevision(Revision) with { Earlier = [OfRevision("1")] };

    public ImageTokenRule? TokenRule => null;

    public async Task<EngineAnswer<ImageAnalysis>> AnalyzeAsync(VisionRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!IsInstalled) return new(Missing());
        await slots.WaitAsync(cancellationToken);
        try
        {
            var picture = await Task.Run(() => GreyPicture.Decode(request.Image), cancellationToken);
            return await ReadAsync(picture, cancellationToken);
        }
        catch (VipsException)
        {
            return new(new Failure(FailureCodes.EngineRejected, "The image could not be decoded for reading."));
        }
        finally
        {
            slots.Release();
        }
    }

    public void Dispose() => slots.Dispose();

    private EngineIdentity OfRevision(string revision) =>
        new(EngineIdentity.Offline, IsInstalled ? version.Value : "tesseract", $"{revision};{languages};libvips {Libvips.Version}");

    private async Task<EngineAnswer<ImageAnalysis>> ReadAsync(GreyPicture picture, CancellationToken cancellationToken)
    {
        var reading = OcrReading.Nothing;
        var runs = new List<ProgramResult>();
        foreach (var (top, band) in picture.Bands())
        {
            var first = await RunAsync(band, AsPage, LimitFor(band), cancellationToken);
            runs.Add(first);
            if (!first.Succeeded) return Answer(Failed(first), runs);
            var read = OcrReading.Read(Output(first), top);
            if (!read.IsSure)
            {
                var rest = band.Without(read.Lines.SelectMany(line => line.Words), top);
                var second = await RunAsync(rest, AsScatteredText, first.Work > LeastSecondWork ? first.Work : LeastSecondWork, cancellationToken);
                runs.Add(second);
                // What the first reading found is good without the second.
                if (second.Succeeded) read = read.With(OcrReading.Read(Output(second), top));
            }

            reading = reading.Then(read);
        }

        return Answer(new ImageAnalysis(null, reading.Text, []), runs);
    }

    private async Task<ProgramResult> RunAsync(GreyPicture picture, string[] mode, TimeSpan workLimit, CancellationToken cancellationToken)
    {
        await using var input = picture.ToPgm();
        return await programs.RunAsync(
            // Without a resolution tesseract guesses one from the size of the letters, and prints a warning.
            new ProgramCall(program, ["stdin", "stdout", "-l", languages, "--dpi", "300", .. mode, "tsv"])
            {
                Input = input,
                WorkLimit = workLimit,
                // Several images are read at once; threads within one make it slower (tesseract-ocr/tesseract#3109).
                Environment = new Dictionary<string, string> { ["OMP_THREAD_LIMIT"] = "1" },
            },
            cancellationToken);
    }

    private TimeSpan LimitFor(GreyPicture picture) =>
        TimeSpan.FromSeconds(programs.Limits.WorkSeconds + (programs.Limits.WorkSecondsPerMegapixel * picture.Megapixels));

    /// <summary>All readings of an image count as one attempt.</summary>
    private static EngineAnswer<ImageAnalysis> Answer(Outcome<ImageAnalysis> outcome, List<ProgramResult> runs) => new(
        outcome,
        Usage.None,
        [
            new EngineAttempt(
                runs[0].StartedAt,
                (long)runs.Sum(run => run.Duration.TotalMilliseconds),
                (outcome.Succeeded ? runs[0] : runs[^1]).ExitCode,
                outcome.Failure?.Code),
        ]);

    private Failure Failed(ProgramResult result) => result switch
    {
        { End: ProgramEnd.Missing } => Missing(),
        { End: ProgramEnd.TimedOut } => new Failure(
            FailureCodes.StepTimedOut,
            "tesseract worked for longer than Programs:WorkSeconds and Programs:WorkSecondsPerMegapixel allow, and was ended.",
            Retryable: true),
        _ when result.Errors.Contains("Failed loading language", StringComparison.Ordinal) =>
            new Failure(
                FailureCodes.TesseractMissing,
                $"Some language data for \"{languages}\" is missing. Install tesseract-ocr-… for each language (tesseract --list-langs lists those "
                    + "that are installed)."),
        _ => new Failure(
            FailureCodes.EngineFault, $"tesseract failed (exit code {result.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "none"})."),
    };

    private static Failure Missing() => new(
        FailureCodes.TesseractMissing,
        "The offline engine for text in images is not installed. Run apt-get install tesseract-ocr (macOS: brew install tesseract).");

    private static string Output(ProgramResult result) => Encoding.UTF8.GetString(result.Output.Span);

    private async Task<string> AskVersionAsync()
    {
        var result = await programs.RunAsync(
            new ProgramCall(program, ["--version"]) { TimeLimit = TimeSpan.FromSeconds(20) }, CancellationToken.None);
        return result.Succeeded ? Output(result).Split('\n')[0].Trim() : "tesseract";
    }
}
