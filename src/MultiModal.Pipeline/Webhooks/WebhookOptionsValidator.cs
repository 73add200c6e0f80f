using Microsoft.Extensions.Options;

namespace MultiModal.Pipeline.Webhooks;

/// <summary>Stops the host at its start if webhooks could not be signed, or would name addresses that nobody can open.</summary>
internal sealed class WebhookOptionsValidator : IValidateOptions<WebhookOptions>
{
    public ValidateOptionsResult Validate(string? name, WebhookOptions options)
    {
        var wrong = new List<string>();
        if (options.Secret is { Length: > 0 } secret && !IsKey(secret))
        {
            wrong.Add($"{WebhookOptions.Section}:{nameof(WebhookOptions.Secret)} begins with {DeliveryHeaders.KeyPrefix} and must go on in Base64.");
        }

        if (options.PublicUrl is { Length: > 0 } url && !IsHost(url))
        {
            wrong.Add(
                $"{WebhookOptions.Section}:{nameof(WebhookOptions.PublicUrl)} must be an address such as https://media.example.org, without a query.");
        }

        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static bool IsKey(string secret)
    {
        try
        {
            return DeliveryHeaders.KeyOf(secret).Length > 0;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool IsHost(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
        && uri is { Query: "", Fragment: "", UserInfo: "" };
}
