using Microsoft.AspNetCore.Http;

namespace MultiModal.Web.Edge;

/// <summary>What tells a browser to do nothing with an answer but what it is for.</summary>
internal static class SecurityHeaders
{
    private const string PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>For pages and what they are made of.</summary>
    public static IResult AsPage(this IResult answer) => answer
        .With("Content-Security-Policy", PagePolicy)
        .With("Cross-Origin-Opener-Policy", "same-origin")
        .With("Cross-Origin-Resource-Policy", "same-origin")
        .With("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        .With("Referrer-Policy", "no-referrer")
        .With("X-Content-Type-Options", "nosniff")
        .With("X-Frame-Options", "DENY");

    /// <summary>For content that came from the files of a batch: never a page, whatever is in it.</summary>
    public static IResult AsContent(this IResult answer) => answer
        .With("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
        .With("Cross-Origin-Resource-Policy", "same-origin")
        .With("X-Content-Type-Options", "nosniff");
}
