namespace MultiModal.Decoder.Pdf;

/// <summary>The picture that a page consists of.</summary>
/// <param name="Page">Page number, from 1.</param>
/// <param name="File">Name of the file in the given folder.</param>
/// <param name="MediaType"><c>image/jpeg</c> or <c>image/png</c>.</param>
public sealed record PdfPicture(int Page, string File, string MediaType);
