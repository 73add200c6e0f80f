using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using MultiModal.Pipeline;

namespace MultiModal.Web.Links;

/// <summary>
/// What a link permits: to read one version of one blob until a time. It stands in the path of the address, and its signature in the query, which
/// hosts and telemetry leave out of what they log. Without the signature it permits nothing.
/// </summary>
/// <param name="Store">The container.</param>
/// <param name="Blob">Name of the blob.</param>
/// <param name="ETag">The version, as HTTP writes it.</param>
/// <param name="ExpiresAt">When the permission ends, in seconds since 1970.</param>
internal sealed record LinkTicket(
    [property: JsonPropertyName("s")] LinkStore Store,
    [property: JsonPropertyName("b")] string Blob,
    [property: JsonPropertyName("v")] string ETag,
    [property: JsonPropertyName("e")] long ExpiresAt)
{
    /// <summary>Longest ticket in an address: more than the longest name of a blob makes.</summary>
    private const int MaxText = 12_000;

    /// <summary>Writes the ticket as a segment of a path.</summary>
    public string Write() => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(this, PipelineJson.Options));

    /// <summary>Signs a ticket in an address.</summary>
    public static string Sign(string ticket, byte[] key) => Base64Url.EncodeToString(Mac(ticket, key));

    /// <summary>Whether the key signed the ticket. It takes the same time however much of the signature is right.</summary>
    public static bool IsSigned(string ticket, string signature, byte[] key) =>
        ticket.Length <= MaxText && signature.Length <= MaxText && Base64Url.IsValid(signature)
        && CryptographicOperations.FixedTimeEquals(Base64Url.DecodeFromChars(signature), Mac(ticket, key));

    /// <summary>Reads a ticket that is signed: nobody else has made it.</summary>
    public static LinkTicket Read(string ticket) =>
        JsonSerializer.Deserialize<LinkTicket>(Base64Url.DecodeFromChars(ticket), PipelineJson.Options)!;

    private static byte[] Mac(string ticket, byte[] key) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(ticket));
}

/// <summary>The containers that links lead to.</summary>
internal enum LinkStore
{
    /// <summary>Files that people dropped.</summary>
    Inbox,

    /// <summary>Pictures as they were sent, and thumbnails.</summary>
    Cache,

    /// <summary>Pictures of reports.</summary>
    Results,
}
