using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Ai.Models;

/// <summary>What all models that make pictures and have the same beginning of the name share.</summary>
/// <param name="Name">Beginning of the model's name.</param>
/// <param name="KeyedAs">What keys of cached answers call the family. It never changes.</param>
/// <param name="Path">Where Azure OpenAI answers for it.</param>
/// <param name="Pictures">What its pictures use; null where nothing is known of that.</param>
public sealed record PictureFamily(string Name, string KeyedAs, AzurePath Path, PictureTerms? Pictures)
{
    private const long Square = 1024 * 1024;

    /// <summary>Output tokens of a picture: those of a square of 1,024 pixels in this quality, in proportion to the pixels.</summary>
    /// <returns>Null where it is not known.</returns>
    public long? TokensOf(PictureSize size, string quality) =>
        Pictures?.SquareTokens.TryGetValue(quality, out var tokens) == true ? ((tokens * (long)size.Pixels) + Square - 1) / Square : null;
}
