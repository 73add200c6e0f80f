using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline.Text;

/// <summary>Configuration section <c>Text</c>.</summary>
public sealed class TextOptions
{
    public const string Section = "Text";

    /// <summary>Size up to which a text file is read, in bytes, 1 KiB to 64 MiB; a larger one fails as <c>text-too-large</c>. Default 1 MiB.</summary>
    [Range(1 << 10, 64 << 20, ErrorMessage = "Text:MaxBytes is 1024 (1 KiB) to 67108864 (64 MiB).")]
    public int MaxBytes { get; set; } = 1 << 20;
}
