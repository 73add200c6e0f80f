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
/// a local threshold 97 % and more, but that one loses up to 15 % of light print on dark. So the first is tried, and the second
/// only where the first was not confident.
/// </remarks>
public sealed class TesseractVisionEngine : IVisionEngine, IDisposable
{
    private const string Revision = "1";
    private const double Enlargement = 2;

    /// <summary>Long edge of an enlarged image, in pixels; a larger image is read as it is.</summary>
    private const double EnlargedEdge = 2600;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(2);
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

    /// <summary>The first call asks the program for its version.</summary>
    public EngineIdentity Identity =>
        new(EngineIdentity.Offline, IsInstalled ? version.Value : "tesseract", $"{Revision};{languages};libvips {Libvips.Version}");

    public ImageTokenRule? TokenRule => null;

    public async Task<EngineAnswer<ImageAnalysis>> AnalyzeAsync(VisionRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!IsInstalled) return new(Missing());
        await slots.WaitAsync(cancellationToken);
        try
        {
            var image = await Task.Run(() => Enlarge(request), cancellationToken);
            var first = await ReadAsync(image, AsPage, cancellationToken);
            if (!first.Succeeded) return Answer(first);
            var page = OcrWords.Read(Output(first));
            if (page.IsSure) return Answer(first);
            var second = await ReadAsync(image, AsScatteredText, cancellationToken);
            if (!second.Succeeded) return Answer(second, first);
            return OcrWords.Read(Output(second)).Confident > page.Confident ? Answer(second, first) : Answer(first, second);
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

    /// <summary>The image as a PGM file: tesseract uses only grey, and the image need not be decoded again.</summary>
    private static byte[] Enlarge(VisionRequest request)
    {
        _ = Libvips.Version;
        using var decoded = Image.NewFromBuffer(request.Image.ToArray(), failOn: Enums.FailOn.Error);
        using var opaque = decoded.HasAlpha() ? decoded.Flatten(background: [255]) : decoded.Copy();
        using var grey = opaque.Colourspace(Enums.Interpretation.Bw);
        var scale = Math.Clamp(EnlargedEdge / Math.Max(grey.Width, grey.Height), 1, Enlargement);
        using var large = grey.Resize(scale, kernel: Enums.Kernel.Cubic);
        using var bytes = large.Cast(Enums.BandFormat.Uchar);
        return [
            .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"P5\n{bytes.Width} {bytes.Height}\n255\n")),
            .. bytes.WriteToMemory<byte>()];
    }

    private async Task<ProgramResult> ReadAsync(byte[] image, string[] mode, CancellationToken cancellationToken)
    {
        using var input = new MemoryStream(image);
        return await programs.RunAsync(
            // Without a resolution tesseract guesses one from the size of the letters, and prints a warning.
            new ProgramCall(program, ["stdin", "stdout", "-l", languages, "--dpi", "300", .. mode, "tsv"])
            {
                Input = input,
                TimeLimit = TimeLimit,
                // Several images are read at once; threads within one make it slower (tesseract-ocr/tesseract#3109).
                Environment = new Dictionary<string, string> { ["OMP_THREAD_LIMIT"] = "1" },
            },
            cancellationToken);
    }

    private EngineAnswer<ImageAnalysis> Answer(ProgramResult told, ProgramResult? other = null)
    {
        Outcome<ImageAnalysis> outcome = told.Succeeded ? new ImageAnalysis(null, OcrWords.Read(Output(told)).Text, []) : Failed(told);
        // Two readings of an image count as one attempt.
        var attempt = new EngineAttempt(
            other is null || told.StartedAt < other.StartedAt ? told.StartedAt : other.StartedAt,
            (long)(told.Duration + (other?.Duration ?? TimeSpan.Zero)).TotalMilliseconds,
            told.ExitCode,
            outcome.Failure?.Code);
        return new EngineAnswer<ImageAnalysis>(outcome, Usage.None, [attempt]);
    }

    private Failure Failed(ProgramResult result) => result switch
    {
        { End: ProgramEnd.Missing } => Missing(),
        { End: ProgramEnd.TimedOut } => new Failure(FailureCodes.StepTimedOut, "tesseract took too long and was ended.", Retryable: true),
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
