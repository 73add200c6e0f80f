using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline.Text;

/// <summary>Configuration section <c>Pdf</c>: which PDFs are read.</summary>
public sealed class PdfOptions
{
    public const string Section = "Pdf";

    /// <summary>
    /// Largest number of pictures of a PDF that are looked at: pages that are pictures, and figures. Text costs nothing and is all read.
    /// </summary>
    [Range(0, 1000, ErrorMessage = "Pdf:MaxPages must be from 0 to 1,000.")]
    public int MaxPages { get; set; } = 50;

    /// <summary>Largest PDF that is read, in bytes.</summary>
    [Range(1L, 8L << 30, ErrorMessage = "Pdf:MaxBytes must be from 1 byte to 8 GiB.")]
    public long MaxBytes { get; set; } = 256L << 20;
}
