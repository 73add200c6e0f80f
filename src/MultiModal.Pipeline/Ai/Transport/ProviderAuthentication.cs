using System.ClientModel.Primitives;
using Azure.Core;

namespace MultiModal.Pipeline.Ai.Transport;

/// <summary>
/// Puts a key (<c>api-key</c> at Azure OpenAI, a bearer token elsewhere) or an Entra ID token on each request; nothing where
/// a local server needs none. A key or token is sent only to its own server's address: redirects are off.
/// </summary>
internal sealed class ProviderAuthentication(string? key, bool azure, TokenCredential? credential, TimeProvider clock) : PipelinePolicy
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    // Source: Microsoft Learn, "Configure Azure OpenAI with Microsoft Entra ID authentication".
    private static readonly TokenRequestContext Scope = new(["https://cognitiveservices.azure.com/.default"]);

    // Some credentials (Azure CLI) start a program for each token.
    private volatile Held? held;

    public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
    {
        if (key is not null) SetKey(message.Request.Headers, key);
        else if (credential is not null) SetBearer(message.Request.Headers, Fresh() ?? Header(credential.GetToken(Scope, message.CancellationToken)));
        ProcessNext(message, pipeline, currentIndex);
    }

    public override async ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
    {
        if (key is not null) SetKey(message.Request.Headers, key);
        else if (credential is not null) SetBearer(
            message.Request.Headers, Fresh() ?? Header(await credential.GetTokenAsync(Scope, message.CancellationToken)));
        await ProcessNextAsync(message, pipeline, currentIndex);
    }

    private string? Fresh() => held is { } known && known.Token.ExpiresOn - Margin > clock.GetUtcNow() ? known.Token.Token : null;

    private string Header(AccessToken token)
    {
        held = new Held(token);
        return token.Token;
    }

    private void SetKey(PipelineRequestHeaders headers, string secret)
    {
        if (azure) headers.Set("api-key", secret);
        else SetBearer(headers, secret);
    }

    private static void SetBearer(PipelineRequestHeaders headers, string token) => headers.Set("Authorization", $"Bearer {token}");

    private sealed record Held(AccessToken Token);
}
