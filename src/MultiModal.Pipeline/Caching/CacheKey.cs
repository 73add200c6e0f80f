using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Caching;

/// <summary>The identity of a question: the step, the bytes it received, and everything else that shapes the answer.</summary>
public readonly record struct CacheKey
{
    // Limits may be infinite, so the named numbers are allowed.
    private static readonly JsonSerializerOptions ShapeJson = new(
        PipelineJson.Options) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly string? name;

    private CacheKey(string name) => this.name = name;

    /// <summary>Name of the blob in the cache container: <c>{step}/{content hash}/{fingerprint}</c>.</summary>
    public string Name => name ?? throw new InvalidOperationException("A cache key was never assigned.");

    /// <param name="step">Name of the step that answers.</param>
    /// <param name="content">SHA-256 of the bytes that the step received.</param>
    /// <param name="shapes">Step version, engine, model, prompt version and options in a fixed order; null for "not set".</param>
    public static CacheKey Create(string step, ContentHash content, params IReadOnlyList<object?> shapes)
    {
        ArgumentException.ThrowIfNullOrEmpty(step);
        var fingerprint = SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(shapes, ShapeJson)));
        return new CacheKey($"{step}/{content.Value}/{Convert.ToHexStringLower(fingerprint.AsSpan(0, 16))}");
    }

    /// <summary>The key of something that belongs to this entry, and is deleted with it.</summary>
    public CacheKey Under(string part) => new($"{Name}/{part}");

    public override string ToString() => name ?? "";
}
