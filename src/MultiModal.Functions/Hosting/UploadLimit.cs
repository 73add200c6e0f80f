using Microsoft.Extensions.Configuration;
using MultiModal.Web.Edge;

namespace MultiModal.Functions.Hosting;

/// <summary>The maximum of an upload: the Functions host stands in front and refuses larger bodies, so that no larger one is stated.</summary>
internal static class UploadLimit
{
    /// <summary>The host's setting, in bytes.</summary>
    public const string HostSetting = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT";

    /// <summary>The host's own default: 100 MiB (azure-functions-host, ScriptConstants.DefaultMaxRequestBodySize).</summary>
    private const long HostDefault = 104_857_600;

    public static long Read(IConfiguration configuration, WebOptions web) =>
        Math.Min(web.MaxUploadBytes, configuration.GetValue<long?>(HostSetting) ?? HostDefault);
}
