using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using MultiModal.Web.Edge;

namespace MultiModal.Web.OpenApi;

/// <summary>
/// Answers what no route takes: an address that this API does not have, or a method that an address does not have. The document says which there are,
/// so that both hosts answer alike.
/// </summary>
public sealed partial class UnknownAddress
{
    /// <summary>Parameters whose values may contain slashes.</summary>
    private const string Path = "path";

    private readonly IReadOnlyList<(Regex Address, IReadOnlyList<string> Methods)> known;

    /// <param name="document">The document.</param>
    public UnknownAddress(OpenApiDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        known =
        [
            .. document.Root.GetProperty("paths").EnumerateObject().Select(path => (Pattern(path.Name), (IReadOnlyList<string>)
                [.. path.Value.EnumerateObject().Where(member => member.Name != "parameters").Select(member => member.Name.ToUpperInvariant())])),
        ];
    }

    /// <summary>Answers with <c>method-not-allowed</c> and the methods that there are, or with <c>not-found</c>.</summary>
    public IResult Answer(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var methods = known.Where(path => path.Address.IsMatch(request.Path.Value ?? "/")).SelectMany(path => path.Methods)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return methods.Count == 0 || methods.Contains(request.Method)
            ? Answers.Problem(ProblemCodes.NotFound, "This API has no such address. /openapi.json lists all of them.")
            : Answers.Problem(ProblemCodes.MethodNotAllowed, $"This address takes {string.Join(", ", methods)}.")
                .With("Allow", string.Join(", ", methods));
    }

    private static Regex Pattern(string path) => new(
        $"^{Parameter().Replace(Regex.Escape(path), match => match.Groups["name"].Value == Path ? ".*" : "[^/]+")}/?$",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.IgnoreCase);

    [GeneratedRegex(@"\\\{(?<name>\w+)}")]
    private static partial Regex Parameter();
}
