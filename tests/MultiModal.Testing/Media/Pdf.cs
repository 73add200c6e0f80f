using System.Text;

namespace MultiModal.Testing.Media;

/// <summary>PDFs written by hand, object by object, for what no program that makes PDFs writes on request.</summary>
public static class Pdf
{
    /// <summary>A document of these objects, which are numbered from 1; the first is the catalog.</summary>
    public static byte[] Document(params byte[][] objects)
    {
        using var pdf = new MemoryStream();
        pdf.Write("%PDF-1.4\n"u8);
        var places = new List<long>();
        for (var i = 0; i < objects.Length; i++)
        {
            places.Add(pdf.Length);
            pdf.Write([.. Text($"{i + 1} 0 obj\n"), .. objects[i], .. "\nendobj\n"u8]);
        }

        var table = pdf.Length;
        pdf.Write(Text($"xref\n0 {objects.Length + 1}\n0000000000 65535 f \n"));
        foreach (var place in places) pdf.Write(Text($"{place:D10} 00000 n \n"));
        pdf.Write(Text($"trailer\n<</Size {objects.Length + 1}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n"));
        return pdf.ToArray();
    }

    /// <summary>A page of 300 by 400 points with a font /F1, and further objects from number 6 on.</summary>
    /// <param name="content">What is painted.</param>
    /// <param name="page">Members of the page's dictionary besides the usual.</param>
    /// <param name="catalog">Members of the catalog besides the usual.</param>
    /// <param name="more">Further objects.</param>
    public static byte[] Page(string content, string page = "", string catalog = "", params byte[][] more) => Document(
    [
        Text($"<</Type/Catalog/Pages 2 0 R{catalog}>>"),
        Text("<</Type/Pages/Kids[3 0 R]/Count 1>>"),
        Text(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>/XObject<<"
                + $"{string.Join(' ', more.Select((_, i) => $"/P{i + 6} {i + 6} 0 R"))}>>>>{page}>>"),
        Stream("", Text(content)),
        Text("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"),
        .. more,
    ]);

    /// <summary>Painting of lines of text, from the top of such a page down.</summary>
    public static string Lines(params string[] lines) =>
        $"BT /F1 10 Tf 14 TL 20 380 Td {string.Concat(lines.Select(line => $"({line}) Tj T* "))}ET ";

    /// <summary>An object in Latin-1.</summary>
    public static byte[] Text(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>A stream object.</summary>
    /// <param name="dictionary">Members of its dictionary, without the length.</param>
    /// <param name="content">Its bytes.</param>
    public static byte[] Stream(string dictionary, byte[] content) =>
        [.. Text($"<<{dictionary}/Length {content.Length}>>\nstream\n"), .. content, .. "\nendstream"u8];
}
