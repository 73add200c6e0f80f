using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MultiModal.Pipeline.Ai.Models;

/// <summary>The lines on which the values of a JSON text are.</summary>
internal sealed class JsonPlaces
{
    private readonly Dictionary<string, int> lines = new(StringComparer.Ordinal);

    private JsonPlaces()
    {
    }

    /// <param name="text">JSON in UTF-8.</param>
    /// <param name="problems">Gets what is wrong with it: text that is no JSON, and names that an object has twice.</param>
    /// <returns>Null where the text is no JSON.</returns>
    public static JsonPlaces? Read(ReadOnlySpan<byte> text, List<CatalogueProblem> problems)
    {
        var (places, open) = (new JsonPlaces(), new Stack<Node>());
        var reader = new Utf8JsonReader(text);
        var (line, counted) = (1, 0);
        var (path, here) = ("$", "$");
        try
        {
            // The reader looks into strings only when they are asked for.
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(text);
            while (reader.Read())
            {
                line += text[counted..(int)reader.TokenStartIndex].Count((byte)'\n');
                counted = (int)reader.TokenStartIndex;
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    var name = reader.GetString()!;
                    here = $"{open.Peek().Path}.{name}";
                    if (!open.Peek().Names.Add(name)) problems.Add(new(line, here, "the object has this member twice"));
                    continue;
                }

                if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
                {
                    open.Pop();
                    continue;
                }

                path = open.TryPeek(out var parent) ? parent.IsArray ? parent.Next() : here : "$";
                places.lines.TryAdd(path, line);
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    open.Push(new Node(path, reader.TokenType == JsonTokenType.StartArray));
                }
            }

            return places;
        }
        catch (JsonException e)
        {
            problems.Add(new((int)(e.LineNumber ?? 0) + 1, path, $"this is not JSON: {e.Message.Split(" LineNumber:")[0].TrimEnd('.')}"));
        }
        catch (DecoderFallbackException e)
        {
            problems.Add(new(text[..Math.Max(0, e.Index)].Count((byte)'\n') + 1, "$", "the file is not UTF-8"));
        }
        catch (InvalidOperationException)
        {
            problems.Add(new(line, path, "a name has half of a surrogate pair"));
        }

        return null;
    }

    /// <returns>The line of a value, or of what it is in where the value is missing.</returns>
    public int LineOf(string path)
    {
        while (true)
        {
            if (lines.TryGetValue(path, out var line)) return line;
            var end = path.LastIndexOfAny(['.', '[']);
            if (end <= 0) return 1;
            path = path[..end];
        }
    }

    private sealed class Node(string path, bool isArray)
    {
        private int index;

        public string Path => path;

        public bool IsArray => isArray;

        public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

        public string Next() => string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]");
    }
}
