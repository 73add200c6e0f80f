using System.Text;

namespace MultiModal.Pipeline.Tests.Text;

/// <summary>PDFs as Ghostscript makes them of a few lines a page.</summary>
internal static class SamplePdf
{
    /// <summary>With a text layer.</summary>
    public static Task<string> TextAsync(TemporaryFolder folder, params string[][] pages) => MakeAsync(folder, pages, "-sDEVICE=pdfwrite");

    /// <summary>Pictures of pages, as a scanner makes them, 150 dots an inch.</summary>
    public static Task<string> ScanAsync(TemporaryFolder folder, params string[][] pages) => MakeAsync(folder, pages, "-sDEVICE=pdfimage8", "-r150");

    /// <summary>Documents put together, in this order.</summary>
    public static async Task<string> JoinedAsync(TemporaryFolder folder, params string[] documents)
    {
        var pdf = folder[$"{Guid.NewGuid():N}.pdf"];
        await Tool.GhostscriptAsync(["-sDEVICE=pdfwrite", $"-sOutputFile={pdf}", .. documents]);
        return pdf;
    }

    public static Task<string> EncryptedAsync(TemporaryFolder folder, string userPassword) =>
        MakeAsync(
            folder, [["A secret."]], "-sDEVICE=pdfwrite", "-sOwnerPassword=owner", $"-sUserPassword={userPassword}", "-dEncryptionR=3",
            "-dKeyLength=128");

    /// <param name="folder">Where it is made.</param>
    /// <param name="postScript">What is drawn.</param>
    /// <param name="options">Of Ghostscript.</param>
    public static async Task<string> DrawAsync(TemporaryFolder folder, string postScript, params string[] options)
    {
        var (source, pdf) = (folder["pages.ps"], folder[$"{Guid.NewGuid():N}.pdf"]);
        await File.WriteAllTextAsync(source, "%!PS\n" + postScript);
        await Tool.GhostscriptAsync(["-sPAPERSIZE=a4", .. options, $"-sOutputFile={pdf}", source]);
        return pdf;
    }

    private static Task<string> MakeAsync(TemporaryFolder folder, string[][] pages, params string[] options)
    {
        var source = new StringBuilder();
        foreach (var page in pages)
        {
            source.AppendLine("/Helvetica findfont 20 scalefont setfont");
            for (var line = 0; line < page.Length; line++) source.AppendLine(
                System.Globalization.CultureInfo.InvariantCulture, $"60 {700 - (line * 40)} moveto ({page[line]}) show");
            source.AppendLine("showpage");
        }

        return DrawAsync(folder, source.ToString(), options);
    }
}
