using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline.Text;

/// <summary>Configuration section <c>Text</c>: which texts are read.</summary>
public sealed class TextOptions
{
    public const string Section = "Text";

    /// <summary>Largest text file that is read, in bytes, and largest text of a PDF. A larger one fails as <c>text-too-large</c>.</summary>
    [Range(1 << 10, 64 << 20, ErrorMessage = "Text:MaxBytes must be from 1024 (1 KiB) to 67108864 (64 MiB).")]
    public int MaxBytes { get; set; } = 1 << 20;
}
