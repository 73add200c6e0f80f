using System.Text;
using System.Xml;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Tokens;

namespace MultiModal.Decoder.Pdf;

/// <summary>
/// Reads what readers of a PDF have added to its pages: the values of form fields, and comments. They lie beside the content of a page, in its
/// annotations (ISO 32000-1, 12.5 and 12.7), and an XFA form has its values in XML.
/// </summary>
internal sealed class PageAdditions(PdfObjects objects)
{
    /// <summary>Maximum annotations of a page that are looked at.</summary>
    private const int MostAnnotations = 10_000;

    /// <summary>Maximum depth of a field within groups of fields.</summary>
    private const int MostParents = 32;

    /// <summary>Annotation flags (12.5.3): hidden, or never shown on a screen.</summary>
    private const int Hidden = 1 << 1;
    private const int NoView = 1 << 5;

    /// <summary>Field flags (12.7.4): a password, and a button that has no value.</summary>
    private const int Password = 1 << 13;
    private const int PushButton = 1 << 16;

    /// <summary>Kinds of annotations that people write. The rest are links, popups, media and printer's marks.</summary>
    private static readonly HashSet<string> Comments = new(StringComparer.Ordinal)
    {
        "Text", "FreeText", "Line", "Square", "Circle", "Polygon", "PolyLine", "Highlight", "Underline", "Squiggly", "StrikeOut", "Stamp", "Caret",
        "Ink", "FileAttachment",
    };

    private static readonly string[] SignatureMembers = ["Name", "Reason", "Location"];

    /// <summary>Fields whose value was read: a field can be shown in several places.</summary>
    private readonly HashSet<string> read = new(StringComparer.Ordinal);
    private readonly HashSet<string> values = new(StringComparer.Ordinal);

    /// <returns>The form fields and comments of a page, a line each; empty if there are none.</returns>
    public string Read(Page page)
    {
        var (fields, comments) = (new List<string>(), new List<string>());
        foreach (var annotation in objects.Elements(objects.Member(page.Dictionary, "Annots")).OfType<DictionaryToken>().Take(MostAnnotations))
        {
            if ((objects.Number(annotation, "F") & (Hidden | NoView)) != 0) continue;
            var kind = objects.Name(annotation, "Subtype");
            if (kind == "Widget") Add(fields, Field(annotation));
            else if (kind is not null && Comments.Contains(kind)) Add(comments, Comment(annotation));
        }

        return Section("Form fields:", fields, Section("Comments:", comments, ""));
    }

    /// <summary>
    /// Reads the values of an XFA form. It has no text layer but for a sentence that asks for another viewer, or it repeats the values of the
    /// document's other fields, which are left out here.
    /// </summary>
    /// <returns>The values, a line each; empty if there are none.</returns>
    public string ReadXfa()
    {
        if (objects.Dictionary(objects.Catalog, "AcroForm") is not { } form) return "";
        var lines = new List<string>();
        foreach (var packet in objects.Elements(objects.Member(form, "XFA")))
        {
            // Packets are whole documents, or pieces of one document that are no XML by themselves. The data is a whole element either way.
            if (objects.Bytes(packet) is { Length: > 0 } bytes) Add(lines, bytes);
        }

        return Section("Form fields:", lines, "");
    }

    private void Add(List<string> lines, ReadOnlyMemory<byte> packet)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, ConformanceLevel = ConformanceLevel.Fragment, IgnoreWhitespace = true,
            IgnoreComments = true, IgnoreProcessingInstructions = true,
        };
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(packet.ToArray()), settings);
            while (reader.Read())
            {
                if (reader is not { NodeType: XmlNodeType.Element, LocalName: "data" } || !IsXfaData(reader.NamespaceURI)) continue;
                using var data = reader.ReadSubtree();
                Add(lines, data);
            }
        }
        catch (XmlException)
        {
            // What was read before the damage is kept.
        }
    }

    private void Add(List<string> lines, XmlReader data)
    {
        var name = "";
        while (data.Read())
        {
            if (data.NodeType == XmlNodeType.Element) name = data.LocalName;
            else if (data.NodeType is XmlNodeType.Text or XmlNodeType.CDATA && data.Value.Trim() is { Length: > 0 } value && !values.Contains(value))
                lines.Add($"{name}: {value}");
        }
    }

    /// <summary>Whether this is the namespace of XFA's data (XML Forms Architecture 3.3, "Datasets packet").</summary>
    private static bool IsXfaData(string name) => name.StartsWith("http://www.xfa.org/schema/xfa-data/", StringComparison.Ordinal);

    private string? Field(DictionaryToken widget)
    {
        var chain = new List<DictionaryToken> { widget };
        while (chain.Count < MostParents && objects.Dictionary(chain[^1], "Parent") is { } parent) chain.Add(parent);

        var flags = chain.Select(d => objects.Member(d, "Ff")).OfType<NumericToken>().FirstOrDefault()?.Int ?? 0;
        var kind = chain.Select(d => objects.Name(d, "FT")).FirstOrDefault(k => k is not null);
        var value = Inherited(chain, "V");
        var text = kind switch
        {
            "Tx" when (flags & Password) == 0 => objects.Text(value),
            "Ch" => Chosen(chain, value),
            "Btn" when (flags & PushButton) == 0 => Checked(chain, value),
            "Sig" when value is DictionaryToken signature => Signature(signature),
            _ => null,
        };
        if (text is null) return null;

        var names = chain.Select(d => objects.Text(objects.Member(d, "T"))).OfType<string>().Reverse().ToList();
        if (!read.Add($"{string.Join('.', names)}\n{text}")) return null;
        values.Add(text);
        var label = chain.Select(d => objects.Text(objects.Member(d, "TU"))).FirstOrDefault(t => t is not null) ?? names.LastOrDefault();
        return label is null ? text : $"{label.TrimEnd(':')}: {text}";
    }

    private IToken? Inherited(List<DictionaryToken> chain, string name) =>
        chain.Select(d => objects.Member(d, name)).FirstOrDefault(token => token is not null and not NullToken);

    /// <summary>Chosen entries of a list, by the name that the list shows.</summary>
    private string? Chosen(List<DictionaryToken> chain, IToken? value)
    {
        var shown = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var option in objects.Elements(Inherited(chain, "Opt")).OfType<ArrayToken>())
        {
            if (option.Data is [var export, var display, ..] && objects.Text(export) is { } key && objects.Text(display) is { } name)
                shown.TryAdd(key, name);
        }

        var chosen = objects.Elements(value).Select(objects.Text).OfType<string>().Select(v => shown.GetValueOrDefault(v, v)).ToList();
        return chosen.Count == 0 ? null : string.Join(", ", chosen);
    }

    /// <summary>State of a check box or radio button: nothing unless it is on.</summary>
    private string? Checked(List<DictionaryToken> chain, IToken? value)
    {
        if ((value as NameToken)?.Data is not { } on || on == "Off") return null;

        // A widget that is not the chosen one of its group has no line.
        if (objects.Name(chain[0], "AS") is { } state && state != on) return null;
        var shown = objects.Elements(Inherited(chain, "Opt")).Select(objects.Text).ToList();
        return int.TryParse(on, out var index) && index >= 0 && index < shown.Count && shown[index] is { } name ? name
            : on.ToUpperInvariant() is "YES" or "ON" or "1" or "TRUE" ? "yes"
            : on;
    }

    private string Signature(DictionaryToken signature)
    {
        var said = SignatureMembers.Select(n => objects.Text(objects.Member(signature, n))).OfType<string>().ToList();
        return said.Count == 0 ? "signed" : $"signed ({string.Join(", ", said)})";
    }

    private string? Comment(DictionaryToken annotation)
    {
        var text = objects.Text(objects.Member(annotation, "Contents")) ?? RichText(objects.Text(objects.Member(annotation, "RC")));
        if (text is null) return null;
        return objects.Text(objects.Member(annotation, "T")) is { } author ? $"{author}: {text}" : text;
    }

    /// <summary>Text of a comment that is stored as XHTML only.</summary>
    private static string? RichText(string? xhtml)
    {
        if (xhtml is null) return null;
        var text = new StringBuilder();
        try
        {
            using var reader = XmlReader.Create(
                new StringReader(xhtml), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            while (reader.Read())
            {
                if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace) text.Append(reader.Value);
                else if (reader is { NodeType: XmlNodeType.EndElement, LocalName: "p" }) text.Append('\n');
            }
        }
        catch (XmlException)
        {
            // What was read before the damage is kept.
        }

        return text.ToString().Trim() is { Length: > 0 } read ? read : null;
    }

    private static void Add(List<string> lines, string? line)
    {
        if (line is not null) lines.Add(line);
    }

    private static string Section(string title, List<string> lines, string rest)
    {
        if (lines.Count == 0) return rest;
        var section = $"{title}\n{string.Join('\n', lines)}";
        return rest.Length == 0 ? section : $"{section}\n\n{rest}";
    }
}
