using System.Security.Cryptography;
using System.Text;

namespace MultiModal.Testing.Storage;

/// <summary>
/// The account's own signature (an account SAS, https://learn.microsoft.com/rest/api/storageservices/create-account-sas), valid for a day and
/// for all blobs and tables.
/// </summary>
public static class AccountSignature
{
    private const string Version = "2019-12-12";
    private const string Permissions = "rwdlacup";
    private const string Services = "bt";
    private const string ResourceTypes = "sco";

    /// <returns>Parameters for the query of a request, without a separator in front.</returns>
    public static string Create(string account, string key)
    {
        var expiry = TimeProvider.System.GetUtcNow().AddDays(1).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        string[] signed = [account, Permissions, Services, ResourceTypes, "", expiry, "", "", Version, ""];
        var signature = HMACSHA256.HashData(Convert.FromBase64String(key), Encoding.UTF8.GetBytes(string.Join('\n', signed)));
        return $"sv={Version}&ss={Services}&srt={ResourceTypes}&sp={Permissions}&se={Uri.EscapeDataString(expiry)}"
            + $"&sig={Uri.EscapeDataString(Convert.ToBase64String(signature))}";
    }
}
