using System.Text.Json;
using Microsoft.AspNetCore.Http;
using MultiModal.Pipeline;

namespace MultiModal.Web.Edge;

/// <summary>Small JSON request bodies.</summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8 };

    /// <summary>Reads the whole body. A missing body counts as an empty object.</summary>
    /// <returns>An object; or <c>unsupported-media-type</c>, <c>body-too-large</c> or <c>invalid-body</c>.</returns>
    public static async Task<Outcome<JsonElement>> ReadObjectAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        var tooLarge = new Failure(ProblemCodes.BodyTooLarge, $"The body may have at most {maxBytes} bytes.");
        if (request.ContentLength > maxBytes) return tooLarge;

        var buffer = new byte[maxBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        if (length > maxBytes) return tooLarge;
        if (length > 0
            && !request.HasJsonContentType()) return new Failure(
                ProblemCodes.UnsupportedMediaType, "The body must be JSON, and Content-Type must say so.");
        try
        {
            using var document = JsonDocument.Parse(length == 0 ? "{}"u8.ToArray() : buffer.AsMemory(0, length), Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : new Failure(ProblemCodes.InvalidBody, "The body must be a JSON object.");
        }
        catch (JsonException e)
        {
            return new Failure(ProblemCodes.InvalidBody, $"The body is not JSON (line {(e.LineNumber ?? 0) + 1}).");
        }
    }
}
