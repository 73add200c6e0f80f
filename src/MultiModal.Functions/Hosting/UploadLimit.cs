using System.Globalization;
using Microsoft.Extensions.Configuration;
using MultiModal.Web.Edge;

namespace MultiModal.Functions.Hosting;

/// <summary>
/// Maximum size of an upload. The Functions host rejects larger bodies before this code sees them, so the stated maximum is never above
/// its limit.
/// </summary>
internal static class UploadLimit
{
    /// <summary>Name of the Functions host's setting, in bytes.</summary>
    public const string HostSetting = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT";

    /// <summary>Default of the Functions host: 100 MiB (azure-functions-host, ScriptConstants.DefaultMaxRequestBodySize).</summary>
    private const long HostDefault = 104_857_600;

    public static long Read(IConfiguration configuration, WebOptions web) =>
        Math.Min(web.MaxUploadBytes, long.TryParse(configuration[HostSetting], CultureInfo.InvariantCulture, out var limit) ? limit : HostDefault);
}
