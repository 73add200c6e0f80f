using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace MultiModal.Web.Edge;

/// <summary>The id by which a request is found: in the problem that its caller got, in the log, and in traces.</summary>
internal static class RequestTrace
{
    /// <summary>Returns the id of the trace (W3C Trace Context) that the request belongs to; where nothing is traced, the server's own id of it.</summary>
    public static string IdOf(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;
}
