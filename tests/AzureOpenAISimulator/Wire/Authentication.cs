using System.Security.Cryptography;
using System.Text;

namespace AzureOpenAISimulator.Wire;

/// <summary>
/// Who may call: Azure takes <c>api-key</c> or a bearer (an Entra token, on v1 also the key); OpenAI takes the key as a bearer only.
/// </summary>
/// <param name="key">The key that is accepted.</param>
/// <param name="bearerTokens">Tokens that are accepted as Entra ID's.</param>
public sealed class Authentication(string key, IReadOnlyList<string> bearerTokens, bool isOpen = false)
{
    /// <returns><c>api-key</c> or <c>bearer</c>; <c>anonymous</c> where everybody may ask.</returns>
    /// <exception cref="WireException">401, in the dialect's words.</exception>
    public string Check(Dialect dialect, HttpRequest request)
    {
        if (isOpen) return "anonymous";
        const string scheme = "Bearer ";
        var header = request.Headers.Authorization.ToString();
        var bearer = header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? header[scheme.Length..].Trim() : null;
        var offered = dialect == Dialect.OpenAI ? null : (string?)request.Headers["api-key"];
        if (offered is not null)
        {
            return Same(offered, key) ? "api-key" : throw Refusals.WrongKey(dialect, offered);
        }
        if (bearer is null) throw Refusals.WrongKey(dialect, null);
        var accepted = dialect switch
        {
            Dialect.OpenAI => Same(bearer, key),
            Dialect.AzureV1 => Same(bearer, key) || bearerTokens.Any(token => Same(bearer, token)),
            _ => bearerTokens.Any(token => Same(bearer, token)),
        };
        return accepted ? "bearer" : throw (dialect == Dialect.OpenAI ? Refusals.WrongKey(dialect, bearer) : Refusals.WrongToken());
    }

    private static bool Same(string offered, string expected) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(offered), Encoding.UTF8.GetBytes(expected));
}
