namespace MultiModal.Web.Edge;

/// <summary>Names in addresses, in and out.</summary>
internal static class RouteText
{
    /// <summary>
    /// A route value as it was meant. ASP.NET Core decodes all of a path but <c>%2F</c> (dotnet/aspnetcore#11544), so that
    /// this is all that is left to decode; a name that holds the three characters <c>%2F</c> themselves can't be addressed.
    /// </summary>
    public static string Decode(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A name as one segment of a path.</summary>
    public static string Encode(string name) => Uri.EscapeDataString(name);
}
