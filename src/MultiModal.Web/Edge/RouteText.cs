namespace MultiModal.Web.Edge;

/// <summary>Encoding and decoding of names in URLs.</summary>
internal static class RouteText
{
    /// <summary>
    /// Decodes a route value. ASP.NET Core decodes everything in a path but <c>%2F</c> (dotnet/aspnetcore#11544), so only this remains to
    /// be decoded; a name that contains the three characters <c>%2F</c> can't be addressed.
    /// </summary>
    public static string Decode(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Encodes a name as one segment of a path.</summary>
    public static string Encode(string name) => Uri.EscapeDataString(name);
}
