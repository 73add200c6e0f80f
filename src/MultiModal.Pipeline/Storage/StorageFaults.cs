using System.Net;
using Azure;
using Azure.Identity;

namespace MultiModal.Pipeline.Storage;

/// <summary>Classification of failed storage requests.</summary>
public static class StorageFaults
{
    /// <summary>
    /// Whether a condition (<c>If-Match</c>, <c>If-None-Match</c>) was not met, because another writer was faster. 409 BlobAlreadyExists
    /// means the same for <c>If-None-Match: *</c>.
    /// </summary>
    public static bool IsConditionNotMet(this RequestFailedException fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return fault.Status == (int)HttpStatusCode.PreconditionFailed
            || fault.Status == (int)HttpStatusCode.Conflict && fault.ErrorCode is "BlobAlreadyExists";
    }

    public static bool IsNotFound(this RequestFailedException fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return fault.Status == (int)HttpStatusCode.NotFound;
    }

    /// <summary>
    /// True if the same request may succeed later: no answer, a server error, throttling, a broken connection, or a token that was not
    /// issued.
    /// </summary>
    public static bool IsTransient(Exception fault) => fault switch
    {
        RequestFailedException e => e.Status is 0 or (int)HttpStatusCode.RequestTimeout or (int)HttpStatusCode.TooManyRequests or >= 500,
        IOException or HttpRequestException or TimeoutException => true,

        // An identity that never gets a token is detected when the host starts.
        AuthenticationFailedException => true,

        // Only the SDK's retry policy throws these. They contain the fault of each try, including tries that took too long.
        AggregateException e => e.InnerExceptions.All(i => i is OperationCanceledException || IsTransient(i)),
        _ => false,
    };

    /// <summary>Returns a short name of a fault for logs: storage's own code if there is one.</summary>
    public static string CodeOf(Exception fault) => fault switch
    {
        RequestFailedException { ErrorCode: { Length: > 0 } code } => code,
        RequestFailedException { Status: > 0 } e => $"HTTP {e.Status}",
        AggregateException { InnerExceptions: [.., var last] } => CodeOf(last),
        AuthenticationFailedException => "NoToken",
        null => "",
        _ => fault.GetType().Name,
    };
}
