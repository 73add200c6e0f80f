using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MultiModal.Pipeline.Webhooks;

/// <summary>
/// The headers of a delivery: those of CloudEvents 1.0 in binary mode (https://github.com/cloudevents/spec), those of Standard Webhooks 1.0
/// (https://www.standardwebhooks.com), and those of version 1.0 of this product.
/// </summary>
internal static class DeliveryHeaders
{
    /// <summary>A secret that begins so is Base64, as Standard Webhooks writes keys; any other one is text.</summary>
    public const string KeyPrefix = "whsec_";

    /// <summary>What a delivery reports, as CloudEvents name it.</summary>
    public const string RunCompleted = "multimodalfunctions.run.completed";

    /// <param name="delivery">The delivery.</param>
    /// <param name="source">Address of the batch, absolute or relative to the host.</param>
    /// <param name="secret">Key of the signatures; null for none.</param>
    /// <param name="now">Time of this attempt.</param>
    /// <param name="body">The bytes that are sent.</param>
    public static IEnumerable<(string Name, string Value)> Of(
        WebhookDelivery delivery, string source, string? secret, DateTimeOffset now, ReadOnlyMemory<byte> body)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{delivery.Batch.Key}-{delivery.RunSeq}");
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        yield return ("ce-specversion", "1.0");
        yield return ("ce-type", RunCompleted);
        yield return ("ce-source", source);
        yield return ("ce-id", id);
        yield return ("ce-subject", string.Create(CultureInfo.InvariantCulture, $"runs/{delivery.RunSeq}"));
        yield return ("ce-time", delivery.NotedAt.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture));
        yield return ("webhook-id", id);
        yield return ("webhook-timestamp", timestamp);
        yield return (CompletionWebhook.TimestampHeader, timestamp);
        yield return (CompletionWebhook.DeliveryHeader, id);
        if (string.IsNullOrEmpty(secret)) yield break;
        yield return ("webhook-signature", $"v1,{Convert.ToBase64String(Authenticate(KeyOf(secret), $"{id}.{timestamp}.", body.Span))}");
        yield return (CompletionWebhook.SignatureHeader, CompletionWebhook.Sign(secret, timestamp, body.Span));
    }

    /// <returns>The bytes of a key, which is text, or Base64 after <see cref="KeyPrefix"/>.</returns>
    /// <exception cref="FormatException">It is not Base64 after the prefix.</exception>
    public static byte[] KeyOf(string secret) => secret.StartsWith(KeyPrefix, StringComparison.Ordinal)
        ? Convert.FromBase64String(secret[KeyPrefix.Length..])
        : Encoding.UTF8.GetBytes(secret);

    /// <returns>HMAC-SHA-256 of a text and a body behind it.</returns>
    public static byte[] Authenticate(byte[] key, string before, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.UTF8.GetBytes(before));
        hmac.AppendData(body);
        return hmac.GetHashAndReset();
    }
}
