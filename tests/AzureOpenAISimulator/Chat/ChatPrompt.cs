using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Chat;

/// <summary>The messages of a chat request, as they were read.</summary>
public sealed class ChatPrompt
{
    private ChatPrompt(IReadOnlyList<ChatMessage> messages, string contentHash)
    {
        Messages = messages;
        ContentHash = contentHash;
    }

    public IReadOnlyList<ChatMessage> Messages { get; }

    /// <inheritdoc cref="Billing.BillLine"/>
    public string ContentHash { get; }

    public IReadOnlyList<ChatImage> Images => [.. Parts.Select(part => part.Image).OfType<ChatImage>()];

    public IReadOnlyList<string> Texts => [.. Parts.Select(part => part.Text).OfType<string>()];

    public IReadOnlyList<string> UserTexts =>
        [.. Messages.Where(message => message.Role == "user").SelectMany(message => message.Parts).Select(part => part.Text).OfType<string>()];

    private IEnumerable<ChatPart> Parts => Messages.SelectMany(message => message.Parts);

    /// <summary>Images are replaced by their hashes in <paramref name="body"/>, so that the log holds none.</summary>
    /// <param name="body">Of the request.</param>
    /// <param name="requestHash">Stands for the content where there are no messages.</param>
    public static ChatPrompt Read(JsonObject body, string requestHash)
    {
        if (body["messages"] is not JsonArray records) return new([], requestHash);
        var messages = records.Select(ReadMessage).ToList();
        var prompt = new ChatPrompt(messages, "");
        var hash = prompt.Images is [var first, ..]
            ? first.ContentHash
            : ContentHashes.Sha256(Encoding.UTF8.GetBytes(string.Join('\0', prompt.Texts)));
        return new(messages, hash);
    }

    private static ChatMessage ReadMessage(JsonNode? node, int index)
    {
        if (node is not JsonObject message) return new(null, []);
        var parts = new List<ChatPart>();
        if (message["content"] is JsonValue whole && whole.TryGetValue(out string? text)) parts.Add(new(Text: text));
        var records = message["content"] as JsonArray ?? [];
        for (var part = 0; part < records.Count; part++)
        {
            if (records[part] is not JsonObject record) continue;
            var marked = (string?)record["prompt_cache_breakpoint"]?["mode"] == "explicit";
            if ((string?)record["type"] == "text" && (string?)record["text"] is { } partText) parts.Add(new(Text: partText, Breakpoint: marked));
            if ((string?)record["type"] == "image_url" && record["image_url"] is JsonObject image)
            {
                var path = string.Create(CultureInfo.InvariantCulture, $"messages.[{index}].content.[{part}].type");
                var read = ChatImage.Read((string?)image["url"] ?? "", (string?)image["detail"] ?? "auto", path);
                parts.Add(new(Image: read, Breakpoint: marked));
                image["url"] = $"sha256:{read.ContentHash}";
            }
        }
        return new((string?)message["role"], parts);
    }
}

/// <param name="Role"><c>system</c>, <c>developer</c>, <c>user</c>, <c>assistant</c>; null where the message is no object.</param>
public sealed record ChatMessage(string? Role, IReadOnlyList<ChatPart> Parts);

/// <summary>A text or an image of a message.</summary>
/// <param name="Breakpoint">It carries <c>prompt_cache_breakpoint</c>: the prompt up to its end is to be remembered.</param>
public sealed record ChatPart(string? Text = null, ChatImage? Image = null, bool Breakpoint = false);
