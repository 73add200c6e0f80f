using Microsoft.AspNetCore.Http;
using MultiModal.Pipeline;

namespace MultiModal.Web.Edge;

/// <summary>The stable codes of the API's problem details, listed with their meaning in docs/errors.md.</summary>
public static class ProblemCodes
{
    public const string BadRequest = "bad-request";
    public const string NotFound = "not-found";
    public const string MethodNotAllowed = "method-not-allowed";
    public const string InvalidBatchName = "invalid-batch-name";
    public const string InvalidFileName = "invalid-file-name";
    public const string InvalidBatchOptions = FailureCodes.InvalidBatchOptions;
    public const string InvalidBody = "invalid-body";
    public const string InvalidQuery = "invalid-query";
    public const string BodyTooLarge = "body-too-large";
    public const string UnsupportedMediaType = "unsupported-media-type";
    public const string CrossSiteRequest = "cross-site-request";
    public const string WebhookDelivery = "webhook-delivery";
    public const string BatchNotFound = "batch-not-found";
    public const string BatchExists = "batch-exists";
    public const string BatchRunning = "batch-running";
    public const string BatchNotRunning = "batch-not-running";
    public const string RunNotFound = "run-not-found";
    public const string ItemNotFound = "item-not-found";
    public const string FileNotFound = "file-not-found";
    public const string FileChanged = "file-changed";
    public const string LinkInvalid = "link-invalid";
    public const string LinkExpired = "link-expired";
    public const string ReportNotReady = "report-not-ready";
    public const string NotAcceptable = "not-acceptable";
    public const string UploadTooLarge = "upload-too-large";
    public const string UploadLengthMismatch = "upload-length-mismatch";
    public const string UploadUrlsUnavailable = "upload-urls-unavailable";
    public const string StorageUnavailable = "storage-unavailable";
    public const string InternalError = "internal-error";

    /// <summary>Returns the HTTP status for a code.</summary>
    public static int StatusOf(string code) => code switch
    {
        LinkInvalid or LinkExpired => StatusCodes.Status401Unauthorized,
        CrossSiteRequest or WebhookDelivery => StatusCodes.Status403Forbidden,
        NotFound or BatchNotFound or RunNotFound or ItemNotFound or FileNotFound or ReportNotReady => StatusCodes.Status404NotFound,
        MethodNotAllowed => StatusCodes.Status405MethodNotAllowed,
        NotAcceptable => StatusCodes.Status406NotAcceptable,
        BatchExists or BatchRunning or BatchNotRunning => StatusCodes.Status409Conflict,
        FileChanged => StatusCodes.Status412PreconditionFailed,
        UploadTooLarge or BodyTooLarge => StatusCodes.Status413PayloadTooLarge,
        UnsupportedMediaType => StatusCodes.Status415UnsupportedMediaType,
        InternalError => StatusCodes.Status500InternalServerError,
        UploadUrlsUnavailable => StatusCodes.Status501NotImplemented,
        StorageUnavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status400BadRequest,
    };
}
