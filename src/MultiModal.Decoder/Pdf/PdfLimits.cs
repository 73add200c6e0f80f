namespace MultiModal.Decoder.Pdf;

/// <param name="Pictures">Maximum number of page images.</param>
/// <param name="Pixels">Maximum pixels of one image.</param>
/// <param name="Characters">Maximum characters of text.</param>
internal sealed record PdfLimits(int Pictures, long Pixels, int Characters);
