namespace MultiModal.Decoder.Pdf;

/// <param name="Pictures">Page images that are taken at most.</param>
/// <param name="Pixels">Of one of them, at most.</param>
/// <param name="Characters">Of text, at most.</param>
internal sealed record PdfLimits(int Pictures, long Pixels, int Characters);
