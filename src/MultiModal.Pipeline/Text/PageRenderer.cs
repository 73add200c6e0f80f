using System.Globalization;
using Microsoft.Extensions.Options;
using MultiModal.Decoder.Pdf;
using MultiModal.Pipeline.Decoding;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Programs;
using NetVips;

namespace MultiModal.Pipeline.Text;

/// <summary>Renders pages of a PDF with poppler's <c>pdftoppm</c>: drawings, and pictures in codings that only a PDF viewer reads.</summary>
/// <param name="programs">Runs the program, with the limits of all programs.</param>
/// <param name="options">All renderings of one file share the decoder's time for one file.</param>
/// <param name="time">Measures the time.</param>
/// <param name="program">The program; a path or a bare name.</param>
public sealed class PageRenderer(ProgramRunner programs, IOptions<DecoderOptions> options, TimeProvider time, string program = PageRenderer.Program)
{
    public const string Program = "pdftoppm";

    /// <summary>A picture whose darkest pixel is at least this light shows empty paper.</summary>
    private const double BlankPaper = 250;

    /// <summary>Whether the program is installed.</summary>
    internal bool IsInstalled => ProgramRunner.Find(program) is not null;

    /// <param name="pdf">The file.</param>
    /// <param name="folder">Folder for the pictures.</param>
    /// <param name="renderings">What to render.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    internal async Task<RenderedPages> RenderAsync(
        string pdf, string folder, IReadOnlyList<PdfRendering> renderings, CancellationToken cancellationToken)
    {
        var (pictures, empty, late) = (new List<PdfPicture>(), new List<int>(), new List<int>());
        var (start, limit) = (time.GetTimestamp(), TimeSpan.FromSeconds(options.Value.TimeoutSeconds));
        foreach (var rendering in renderings)
        {
            var left = limit - time.GetElapsedTime(start);
            var ended = left <= TimeSpan.Zero
                ? ProgramEnd.TimedOut
                : (await programs.RunAsync(Call(pdf, folder, rendering) with { TimeLimit = left }, cancellationToken)).End;
            var file = $"{rendering.File}.png";
            if (ended == ProgramEnd.TimedOut) late.Add(rendering.Page);
            else if (ShowsSomething(Path.Combine(folder, file))) pictures.Add(new PdfPicture(rendering.Page, file, "image/png"));
            else empty.Add(rendering.Page);
        }

        return new RenderedPages(pictures, [.. empty.Distinct()], [.. late.Distinct()]);
    }

    private ProgramCall Call(string pdf, string folder, PdfRendering rendering)
    {
        var arguments = new List<string>
        {
            "-png", "-singlefile", "-cropbox", "-r", Number(rendering.Resolution), "-f", Number(rendering.Page), "-l", Number(rendering.Page),
        };
        if (rendering.Region is { } region)
        {
            arguments.AddRange([
                "-x", Number(region.Left), "-y", Number(region.Top), "-W", Number(region.Width), "-H", Number(region.Height)]);
        }

        return new ProgramCall(program, [.. arguments, pdf, Path.Combine(folder, rendering.File)]);
    }

    /// <summary>Checks the picture: what the program cannot read it leaves white, and ends with success.</summary>
    private static bool ShowsSomething(string path)
    {
        _ = Libvips.Version;
        try
        {
            using var picture = File.Exists(path) ? Image.NewFromFile(path, access: Enums.Access.Sequential) : null;
            return picture is not null && picture.Min() < BlankPaper;
        }
        catch (VipsException)
        {
            return false;
        }
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Result of rendering.</summary>
/// <param name="Pictures">The pictures, in order.</param>
/// <param name="Empty">Pages whose rendering failed or shows empty paper.</param>
/// <param name="Late">Pages for which no time was left.</param>
internal sealed record RenderedPages(IReadOnlyList<PdfPicture> Pictures, IReadOnlyList<int> Empty, IReadOnlyList<int> Late);
