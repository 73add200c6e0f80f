using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline.Ai.Offline;

/// <summary>Configuration section <c>Ocr</c>: how text in images is read without a model.</summary>
public sealed class OcrOptions
{
    public const string Section = "Ocr";

    /// <summary>Languages that tesseract reads, by its own names, joined by <c>+</c> (<c>deu+eng</c>). The data of each must be installed.</summary>
    [Required, RegularExpression(
        @"^[A-Za-z_]+(\+[A-Za-z_]+)*$", ErrorMessage = "Ocr:Languages must be tesseract's names of languages joined by +, such as deu+eng.")]
    public string Languages { get; set; } = "eng";
}
