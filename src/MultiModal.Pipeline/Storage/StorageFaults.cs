using System.Net;
using Azure;
using Azure.Identity;

namespace MultiModal.Pipeline.Storage;

/// <summary>What a failed storage request means.</summary>
public static class StorageFaults
{
    /// <summary>A condition (<c>If-Match</c>, <c>If-None-Match</c>) did not hold: somebody else was there first. 409 BlobAlreadyExists says the same of <c>If-None-Match: *</c>.</summary>
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

    /// <summary>True where the same request may succeed later: no answer, a server error, throttling, a broken connection, a token that was not given.</summary>
    public static bool IsTransient(Exception fault) => fault switch
    {
        RequestFailedException e => e.Status is 0 or (int)HttpStatusCode.RequestTimeout or (int)HttpStatusCode.TooManyRequests or >= 500,
        IOException or HttpRequestException or TimeoutException => true,

        // An identity that never gets a token is found out when the host starts.
        AuthenticationFailedException => true,

        // Only the SDK's retry policy throws these: what ended each try, a try that took too long included.
        AggregateException e => e.InnerExceptions.All(i => i is OperationCanceledException || IsTransient(i)),
        _ => false,
    };

    /// <summary>A short name of a fault for logs: storage's own code where it gave one.</summary>
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
