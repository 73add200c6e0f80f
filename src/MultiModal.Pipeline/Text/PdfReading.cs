using MultiModal.Decoder.Pdf;

namespace MultiModal.Pipeline.Text;

/// <summary>What was read of a PDF.</summary>
/// <param name="Texts">Text layer, form fields and comments, in the order of the pages.</param>
/// <param name="Pictures">Pictures to look at, in the order of the pages.</param>
/// <param name="Notes">Sentences that say what could not be read.</param>
/// <param name="Warnings">
/// Reasons why another reading may find more: <c>pdftoppm-missing</c>, <c>step-timed-out</c>. The reading is complete without any.
/// </param>
internal sealed record PdfReading(
    IReadOnlyList<PdfPageText> Texts, IReadOnlyList<PdfPicture> Pictures, IReadOnlyList<string> Notes, IReadOnlyList<Failure> Warnings);
