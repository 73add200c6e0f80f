using MultiModal.Pipeline;
using MultiModal.Pipeline.Decoding;
using MultiModal.Pipeline.Images;

namespace MultiModal.Faults.Tests.Poison;

/// <summary>As a native decoder with a hole in it: a picture that ends in <see cref="Venom"/> ends the process.</summary>
internal sealed class CrashingImageEngine(DecoderProcess decoder) : IImageEngine
{
    private readonly NetVipsImageEngine inner = new(decoder);

    public static ReadOnlySpan<byte> Venom => "venom"u8;

    public string Identity => $"crashing, {inner.Identity}";

    public bool DecodesApart(string? mediaType) => inner.DecodesApart(mediaType);

    public async Task<Outcome<OptimizedImage>> OptimizeAsync(string filePath, OptimizeRequest request, CancellationToken cancellationToken)
    {
        var bytes = await File.ReadAllBytesAsync(filePath, cancellationToken);
        if (bytes.AsSpan().EndsWith(Venom)) Environment.FailFast("A decoder wrote where it should not.");
        return await inner.OptimizeAsync(filePath, request, cancellationToken);
    }

    public Task<Outcome<TiledImage>> CutAsync(
        string filePath, OptimizeRequest request, Func<TextLayout, TilePlan?> choose, CancellationToken cancellationToken) =>
        inner.CutAsync(filePath, request, choose, cancellationToken);
}
