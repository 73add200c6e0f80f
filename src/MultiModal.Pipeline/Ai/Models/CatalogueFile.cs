using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MultiModal.Pipeline.Ai.Models;

/// <summary>
/// A catalogue that the host names: read, and held to the published schema (docs/models.schema.json) and to what a schema cannot say. Everything that
/// is wrong with it is a sentence with the line and the path in the JSON.
/// </summary>
internal static class CatalogueFile
{
    /// <summary>Largest file that is read. The built-in catalogue has 60 KB.</summary>
    public const int MaxBytes = 4 << 20;

    /// <summary>So many problems are named; the number of the others is.</summary>
    private const int MostProblems = 20;

    /// <param name="path">Path of the file.</param>
    /// <param name="builtIn">What the file extends or replaces: its sources can be named, and models are compared with it.</param>
    /// <param name="problems">Sentences that begin with the place; none where the catalogue can be used.</param>
    /// <returns>Null where there are problems.</returns>
    public static ModelCatalogue? Read(string path, ModelCatalogue builtIn, out IReadOnlyList<string> problems)
    {
        var found = new List<CatalogueProblem>();
        var (bytes, unread) = Load(path);
        var catalogue = bytes is null ? null : Read(bytes.Value, builtIn, found);
        var named = unread is not null
            ? [$"{path} {unread}."]
            : found.Take(MostProblems).Select(problem => $"{path}, line {problem.Line}, {problem.Path}: {problem.Text}.");
        problems = found.Count <= MostProblems
            ? [.. named]
            : [.. named, string.Create(CultureInfo.InvariantCulture, $"{path} has {found.Count - MostProblems:N0} more problems.")];
        return problems.Count == 0 ? catalogue : null;
    }

    private static (ReadOnlyMemory<byte>? Bytes, string? Unread) Load(string path)
    {
        try
        {
            if (Directory.Exists(path)) return (null, "is a folder");
            using var file = File.OpenRead(path);
            var buffer = new ArrayBufferWriter<byte>();
            while (buffer.WrittenCount <= MaxBytes)
            {
                // What a device or a file that grows says of its length counts for nothing.
                var read = file.Read(buffer.GetSpan(64 << 10));
                if (read == 0) return (buffer.WrittenMemory, null);
                buffer.Advance(read);
            }

            return (null, string.Create(CultureInfo.InvariantCulture, $"has more than {MaxBytes:N0} bytes, which no catalogue needs"));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, "does not exist");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return (null, $"can't be read: {e.Message.TrimEnd('.')}");
        }
    }

    private static ModelCatalogue? Read(ReadOnlyMemory<byte> bytes, ModelCatalogue builtIn, List<CatalogueProblem> problems)
    {
        if (bytes.Span.StartsWith(Encoding.UTF8.Preamble)) bytes = bytes[Encoding.UTF8.Preamble.Length..];
        if (JsonPlaces.Read(bytes.Span, problems) is not { } places) return null;
        using var document = JsonDocument.Parse(bytes);
        problems.AddRange(JsonSchema.OfCatalogue.Check(document.RootElement).Select(p => new CatalogueProblem(places.LineOf(p.Path), p.Path, p.Text)));
        if (problems.Count > 0) return null;
        try
        {
            var catalogue = ModelCatalogue.Parse(document.RootElement);
            problems.AddRange(CatalogueRules.Check(catalogue, builtIn).Select(p => new CatalogueProblem(places.LineOf(p.Path), p.Path, p.Text)));
            return problems.Count == 0 ? catalogue : null;
        }
        catch (JsonException e)
        {
            // The schema has no word for a day that no calendar has, or for a number that is too large.
            var path = e.Path ?? "$";
            problems.Add(new(places.LineOf(path), path, "the value is of the right kind, and does not exist (such as 2026-02-30) or is too large"));
            return null;
        }
    }
}

/// <summary>Something that is wrong with a catalogue.</summary>
/// <param name="Line">Line of the file, from 1.</param>
/// <param name="Path">Place in the JSON, such as <c>$.models[0].prices[1].input</c>.</param>
/// <param name="Text">What is wrong, without a full stop.</param>
internal sealed record CatalogueProblem(int Line, string Path, string Text);
