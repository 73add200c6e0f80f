using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline.Ai.Offline;

/// <summary>Configuration section <c>Ocr</c>: reading text in images without a model.</summary>
public sealed class OcrOptions
{
    public const string Section = "Ocr";

    /// <summary>Tesseract's names of the languages to read, joined by "+" (<c>deu+eng</c>), each installed with its data. Default <c>eng</c>.</summary>
    [Required, RegularExpression(@"^[A-Za-z_]+(\+[A-Za-z_]+)*$", ErrorMessage = "Ocr:Languages is tesseract's names of languages joined by +, as deu+eng.")]
    public string Languages { get; set; } = "eng";
}
