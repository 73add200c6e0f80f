using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace MultiModal.Pipeline.Settings;

/// <summary>A setting: a property of an options class that the configuration can set.</summary>
/// <param name="Key">Its key, such as <c>Images:MaxEdge</c> or <c>Ai:Vision:Engine</c>.</param>
/// <param name="Property">The property that holds its value.</param>
public sealed record Setting(string Key, PropertyInfo Property)
{
    /// <summary>Whether its value is a list, whose elements are numbered: <c>Pipeline:Ignore:0</c>.</summary>
    public bool IsList => Property.PropertyType == typeof(IList<string>);

    /// <summary>The limits of a number or a time; null if there are none.</summary>
    public RangeAttribute? Range => Property.GetCustomAttribute<RangeAttribute>();

    /// <summary>The names that are allowed, for a setting that is a choice or a yes or no; empty for others.</summary>
    public IReadOnlyList<string> Choices => Type.IsEnum ? Enum.GetNames(Type) : Type == typeof(bool) ? ["true", "false"] : [];

    private Type Type => Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;

    /// <summary>Whether its value may be repeated in a message. Texts and addresses may contain a key or a password.</summary>
    internal bool MayBeShown =>
        (Type != typeof(string) && Type != typeof(Uri)) || Property.GetCustomAttribute<RegularExpressionAttribute>() is not null;

    /// <summary>What a value must be, to follow "must be".</summary>
    internal string Rule
    {
        get
        {
            var limits = Range is { } range ? $" from {Text(range.Minimum)} to {Text(range.Maximum)}" : "";
            if (Choices.Count > 0) return $"{string.Join(", ", Choices.SkipLast(1))} or {Choices[^1]}";
            if (IsList) return $"a list, whose first element is {Key}:0";
            if (Type == typeof(Uri)) return "an http:// or https:// address";
            if (Type == typeof(TimeSpan)) return $"a time{limits}, written as hours:minutes:seconds such as 00:00:30";
            return $"{(Type == typeof(int) || Type == typeof(long) ? "a whole number" : "a number")}{limits}";
        }
    }

    /// <summary>Whether the text is of the setting's type. Limits are a question of their own.</summary>
    internal bool IsOfItsType(string text)
    {
        if (IsList) return text.Length == 0;
        if (Type == typeof(string)) return true;
        if (text.Length == 0) return Type != Property.PropertyType || Type == typeof(Uri);
        if (Type == typeof(Uri))
            return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https");
        try
        {
            var value = TypeDescriptor.GetConverter(Type).ConvertFromInvariantString(text);
            return value is not null && (!Type.IsEnum || Enum.IsDefined(Type, value));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            return false;
        }
    }

    private static string Text(object limit) => Convert.ToString(limit, CultureInfo.InvariantCulture)!;
}
