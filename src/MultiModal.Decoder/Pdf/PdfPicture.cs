namespace MultiModal.Decoder.Pdf;

/// <summary>The picture that a page consists of.</summary>
/// <param name="Page">From 1.</param>
/// <param name="File">Its name in the folder that was given.</param>
/// <param name="MediaType"><c>image/jpeg</c> or <c>image/png</c>.</param>
public sealed record PdfPicture(int Page, string File, string MediaType);
