using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace MultiModal.Web.Edge;

/// <summary>Parsing of numbers in query strings.</summary>
internal static class Query
{
    /// <returns>False if the value is present but not a whole number in the range.</returns>
    public static bool TryNumber(HttpRequest request, string name, int from, int to, int otherwise, out int number)
    {
        number = otherwise;
        return request.Query[name].ToString() is not { Length: > 0 } text
            || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= from && number <= to;
    }

    public static IResult Problem(string name, int from, int to) =>
        Answers.Problem(ProblemCodes.InvalidQuery, $"{name} must be a whole number from {from} to {to}.");
}
