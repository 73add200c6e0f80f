using System.Text;
using AzureOpenAISimulator.Media;
using AzureOpenAISimulator.Metering;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Chat;

/// <summary>An image part of a chat message.</summary>
/// <param name="ContentHash">Of the decoded bytes, or of the URL where there are none.</param>
/// <param name="Path">Where in the body, as errors name it.</param>
/// <param name="Received">Null where it is refused.</param>
/// <param name="Fault">Why it is refused, or null.</param>
public sealed record ChatImage(string ContentHash, string Path, ReceivedMedia? Received, Func<Dialect, WireException>? Fault)
{
    /// <summary>Public limit of an image in a chat request.</summary>
    public const int MaxBytes = 20 * 1024 * 1024;

    private const string Base64Mark = ";base64,";

    public static ChatImage Read(string url, string detail, string path)
    {
        ChatImage Refused(string hash, Func<Dialect, WireException> fault) => new(hash, path, null, fault);

        var urlHash = ContentHashes.Sha256(Encoding.UTF8.GetBytes(url));
        if (new[] { "http://", "https://" }.Any(scheme => url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)))
        {
            var words = $"Failed to download image from {url}. The simulator reaches no other host.";
            return Refused(urlHash, _ => Refusals.Invalid(words, code: "invalid_image_url"));
        }
        var mark = url.IndexOf(Base64Mark, StringComparison.Ordinal);
        if (!url.StartsWith("data:", StringComparison.Ordinal) || mark < 0)
        {
            // promptfoo/promptfoo#5708 quotes Azure's words.
            const string words = "Invalid image URL. The URL must be a valid HTTP or HTTPS URL, or a data URL with base64 encoding.";
            return Refused(urlHash, dialect => dialect == Dialect.OpenAI
                ? Refusals.Invalid(words, code: "invalid_image_url")
                : Refusals.Gateway(400, "BadRequest", words));
        }
        var encoded = url.AsSpan(mark + Base64Mark.Length);
        var bytes = new byte[encoded.Length / 4 * 3 + 3];
        if (encoded.IsEmpty || !Convert.TryFromBase64Chars(encoded, bytes, out var length))
        {
            // Azure/azure-sdk-for-java#41670 quotes it.
            return Refused(urlHash, _ => Refusals.Invalid("Invalid base64 image_url.", code: "invalid_base64"));
        }
        var content = bytes.AsSpan(0, length);
        var hash = ContentHashes.Sha256(content);
        if (length > MaxBytes)
        {
            const string words = "You uploaded an unsupported image. Please make sure your image is below 20 MB in size and is of one the following "
                + "formats: ['png', 'jpeg', 'gif', 'webp'].";
            return Refused(hash, _ => Refusals.Invalid(words, code: "sanitizer_server_error"));
        }
        if (detail is not ("auto" or "low" or "high"))
        {
            // The specification of chat completions has no "original" (openai/openai-openapi, 2026-08-21), whatever the images guide says.
            var parameter = path.Replace(".type", ".image_url.detail", StringComparison.Ordinal);
            var words = $"Invalid value: '{detail}'. Supported values are: 'auto', 'low', and 'high'.";
            return Refused(hash, _ => Refusals.Invalid(words, parameter, "invalid_value"));
        }
        if (ImageHeader.Read(content, out var known) is not { } header)
        {
            // marketing-factory/ai-filemetadata#18 and openai/openai-node#1463 quote these.
            return Refused(hash, _ => known
                ? Refusals.Invalid("You uploaded an unsupported image. Please make sure your image is valid.", code: "image_parse_error")
                : Refusals.Invalid(
                    "You uploaded an unsupported image. Please make sure your image has of one the following formats: "
                    + "['png', 'jpeg', 'gif', 'webp'].",
                    code: "invalid_image_format"));
        }
        return new(hash, path, new ReceivedMedia(hash, length, header.Format, header.Width, header.Height, Detail: detail), null);
    }

    /// <exception cref="WireException">The image is refused.</exception>
    public int Tokens(ImageTokenRule rule, Dialect dialect)
    {
        if (Fault is not null) throw Fault(dialect);
        // The limit is in the images guide since September 2026; the words are ours.
        return rule.Tokens(Received!.Width, Received.Height, Enum.Parse<ImageDetail>(Received.Detail!, ignoreCase: true))
            ?? throw Refusals.Invalid("Invalid image: it has more than 30,000 patches of 32x32 pixels at this detail.", Path, "image_too_large");
    }
}
