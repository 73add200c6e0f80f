using Microsoft.AspNetCore.Http;

namespace MultiModal.Web.Edge;

/// <summary>Headers that restrict what a browser may do with an answer to its intended use.</summary>
internal static class SecurityHeaders
{
    private const string PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; base-uri 'none'; "
            + "form-action 'none'; frame-ancestors 'none'";

    /// <summary>Adds the headers for a page and its parts.</summary>
    public static IResult AsPage(this IResult answer) => answer
        .With("Content-Security-Policy", PagePolicy)
        .With("Cross-Origin-Opener-Policy", "same-origin")
        .With("Cross-Origin-Resource-Policy", "same-origin")
        .With("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        .With("Referrer-Policy", "no-referrer")
        .With("X-Content-Type-Options", "nosniff")
        .With("X-Frame-Options", "DENY");

    /// <summary>Adds the headers for content from the files of a batch, which is never a page, whatever it contains.</summary>
    public static IResult AsContent(this IResult answer) => answer
        .With("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
        .With("Cross-Origin-Resource-Policy", "same-origin")
        .With("X-Content-Type-Options", "nosniff");
}
