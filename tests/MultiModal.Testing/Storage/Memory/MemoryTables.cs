using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MultiModal.Testing.Storage.Memory;

/// <summary>Tables of entities with ETags, queries of comparisons joined by "and", and transactions (Table service REST API).</summary>
internal sealed partial class MemoryTables
{
    private readonly Dictionary<string, SortedDictionary<string, JsonObject>> tables = new(StringComparer.OrdinalIgnoreCase);
    private long versions;

    public StorageAnswer Answer(StorageRequest request)
    {
        var parts = request.Path.Split('/', 3);
        var (account, target) = (parts[1], parts[2]);
        if (target == "Tables" && request.Method == "POST") return Create(account, Entity(request.Body));
        if (target == "$batch") return Transact(account, request);
        var address = Address().Match(target);
        return tables.TryGetValue($"{account}/{address.Groups["table"].Value}", out var rows)
            ? AnswerTable(request, rows, address)
            : StorageAnswer.Error(404, "TableNotFound");
    }

    private StorageAnswer AnswerTable(StorageRequest request, SortedDictionary<string, JsonObject> rows, Match address)
    {
        var key = address.Groups["partition"].Success ? Key(address.Groups["partition"].Value, address.Groups["row"].Value) : null;
        return (request.Method, key) switch
        {
            ("POST", null) => Add(rows, Entity(request.Body)),
            ("GET", null) => Json(
                200,
                new JsonObject {
                    ["value"] = new JsonArray([.. rows.Values.Where(Filter(request.Parameter("$filter"))).Select(r => r.DeepClone())]) }),
            ("GET", not null) => rows.TryGetValue(key, out var row) ? Json(200, row, ETag(row)) : StorageAnswer.Error(404, "ResourceNotFound"),
            ("PUT" or "MERGE" or "PATCH", not null) => Change(request, rows, key),
            ("DELETE", not null) => Remove(request, rows, key),
            _ => StorageAnswer.Error(400, "InvalidInput"),
        };
    }

    private StorageAnswer Create(string account, JsonObject table)
    {
        var name = (string)table["TableName"]!;
        return tables.TryAdd($"{account}/{name}", new(StringComparer.Ordinal))
            ? Json(201, new JsonObject { ["TableName"] = name })
            : StorageAnswer.Error(409, "TableAlreadyExists");
    }

    private StorageAnswer Add(SortedDictionary<string, JsonObject> rows, JsonObject row)
    {
        var key = Key((string)row["PartitionKey"]!, (string)row["RowKey"]!);
        if (rows.ContainsKey(key)) return StorageAnswer.Error(409, "EntityAlreadyExists");
        return Store(rows, key, row);
    }

    private StorageAnswer Change(StorageRequest request, SortedDictionary<string, JsonObject> rows, string key)
    {
        var there = rows.GetValueOrDefault(key);
        if (Refusal(request, there) is { } refusal) return refusal;
        var row = Entity(request.Body);
        if (request.Method != "PUT" && there is not null)
        {
            foreach (var (name, value) in there) row.TryAdd(name, value?.DeepClone());
        }

        return Store(rows, key, row);
    }

    private static StorageAnswer Remove(StorageRequest request, SortedDictionary<string, JsonObject> rows, string key)
    {
        if (Refusal(request, rows.GetValueOrDefault(key)) is { } refusal) return refusal;
        rows.Remove(key);
        return new(204);
    }

    private StorageAnswer Store(SortedDictionary<string, JsonObject> rows, string key, JsonObject row)
    {
        foreach (var (name, value) in row.Where(p => p.Key.EndsWith("@odata.type", StringComparison.Ordinal)).ToList())
        {
            // Numbers are told apart by their point, and only what JSON has no type for keeps its type's name.
            if ((string?)value != "Edm.Double") continue;
            row.Remove(name);
            var property = name[..^"@odata.type".Length];
            if (row[property]!.ToJsonString() is var number
                && !number.Contains('.', StringComparison.Ordinal)) row[property] = JsonNode.Parse($"{number}.0");
        }

        var now = DateTimeOffset.UtcNow;
        row["odata.etag"] = string.Create(
            CultureInfo.InvariantCulture, $"W/\"datetime'{Uri.EscapeDataString(now.ToString("O", CultureInfo.InvariantCulture))}-{++versions}'\"");
        row["Timestamp"] = now.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        rows[key] = row;
        return new(204) { Headers = { ["ETag"] = ETag(row) } };
    }

    /// <summary>All changes or none: on the first refusal the rows are what they were.</summary>
    private StorageAnswer Transact(string account, StorageRequest request)
    {
        var before = tables.Where(t => t.Key.StartsWith($"{account}/", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(t => t.Key, t => t.Value.ToDictionary());
        var answers = new List<StorageAnswer>();
        foreach (Match change in Changes().Matches(Encoding.UTF8.GetString(request.Body)))
        {
            var headers = change.Groups["headers"].Value.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(':', 2)).ToDictionary(h => h[0].Trim(), h => h[1].Trim(), StringComparer.OrdinalIgnoreCase);
            var path = Uri.UnescapeDataString(new Uri(change.Groups["address"].Value).AbsolutePath);
            var one = new StorageRequest(
                change.Groups["method"].Value, path, new Dictionary<string, string>(), headers, Encoding.UTF8.GetBytes(change.Groups["body"].Value));
            answers.Add(Answer(one));
            if (answers[^1].Status < 300) continue;

            foreach (var (name, rows) in before) tables[name] = new(rows, StringComparer.Ordinal);
            return Multipart([Failed(answers.Count - 1, answers[^1])]);
        }

        return Multipart(answers);
    }

    private static StorageAnswer Failed(int index, StorageAnswer answer)
    {
        var error =
            new JsonObject {
                ["odata.error"] = new JsonObject { ["code"] = answer.Headers["x-ms-error-code"],
                    ["message"] = new JsonObject { ["lang"] = "en-US", ["value"] = $"{index}:{answer.Headers["x-ms-error-code"]}" } } };
        return new(answer.Status) { Headers = { ["Content-Type"] = "application/json" }, Body = Encoding.UTF8.GetBytes(error.ToJsonString()) };
    }

    private static StorageAnswer Multipart(IReadOnlyList<StorageAnswer> answers)
    {
        var (batch, changes, text) = ($"batchresponse_{Guid.NewGuid()}", $"changesetresponse_{Guid.NewGuid()}", new StringBuilder());
        text.Append(CultureInfo.InvariantCulture, $"--{batch}\r\nContent-Type: multipart/mixed; boundary={changes}\r\n\r\n");
        foreach (var answer in answers)
        {
            text.Append(CultureInfo.InvariantCulture, $"--{changes}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n");
            text.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {answer.Status} {(HttpStatusCode)answer.Status}\r\n");
            foreach (var (name, value) in answer.Headers) text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
            text.Append(CultureInfo.InvariantCulture, $"\r\n{Encoding.UTF8.GetString(answer.Body)}\r\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"--{changes}--\r\n--{batch}--\r\n");
        return new(202) { Headers = { ["Content-Type"] = $"multipart/mixed; boundary={batch}" }, Body = Encoding.UTF8.GetBytes(text.ToString()) };
    }

    private static StorageAnswer? Refusal(StorageRequest request, JsonObject? row)
    {
        if (request.Header("If-Match") is not { } match) return null;
        if (row is null) return StorageAnswer.Error(404, "ResourceNotFound");
        return match == "*" || match == ETag(row) ? null : StorageAnswer.Error(412, "UpdateConditionNotSatisfied");
    }

    private static Func<JsonObject, bool> Filter(string? filter)
    {
        if (filter is null) return _ => true;
        var words = new Queue<Match>(Words().Matches(filter));
        return Either(words);
    }

    // "and" binds closer than "or"; parentheses bind closest.
    private static Func<JsonObject, bool> Either(Queue<Match> words)
    {
        List<Func<JsonObject, bool>> ways = [Both(words)];
        while (words.TryPeek(out var word) && word.Value == "or")
        {
            words.Dequeue();
            ways.Add(Both(words));
        }

        return row => ways.Exists(way => way(row));
    }

    private static Func<JsonObject, bool> Both(Queue<Match> words)
    {
        List<Func<JsonObject, bool>> conditions = [One(words)];
        while (words.TryPeek(out var word) && word.Value == "and")
        {
            words.Dequeue();
            conditions.Add(One(words));
        }

        return row => conditions.TrueForAll(condition => condition(row));
    }

    private static Func<JsonObject, bool> One(Queue<Match> words)
    {
        var word = words.Dequeue();
        if (word.Value != "(") return Condition(word);
        var inner = Either(words);
        words.Dequeue();
        return inner;
    }

    private static Func<JsonObject, bool> Condition(Match comparison)
    {
        var (name, text) = (comparison.Groups["name"].Value, comparison.Groups["value"].Value);
        Func<JsonNode, int> compare = text switch
        {
            ['\'', .. var literal, '\''] => node => string.CompareOrdinal((string)node!, literal.Replace("''", "'", StringComparison.Ordinal)),
            _ when text.StartsWith("datetime'", StringComparison.Ordinal) => node => Moment((string)node!)
                .CompareTo(Moment(text["datetime'".Length..^1])),
            "true" or "false" => node => ((bool)node).CompareTo(text == "true"),
            _ => node => decimal.Parse(node.ToString(), CultureInfo.InvariantCulture)
                .CompareTo(decimal.Parse(text.TrimEnd('L'), CultureInfo.InvariantCulture)),
        };
        Func<int, bool> holds = comparison.Groups["operator"].Value switch
        {
            "eq" => order => order == 0,
            "ne" => order => order != 0,
            "gt" => order => order > 0,
            "ge" => order => order >= 0,
            "lt" => order => order < 0,
            _ => order => order <= 0,
        };
        return row => row[name] is { } node && holds(compare(node));
    }

    private static DateTimeOffset Moment(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static string Key(string partition, string row) => $"{partition}\0{row}";

    private static string ETag(JsonObject row) => (string)row["odata.etag"]!;

    private static JsonObject Entity(byte[] body) => JsonNode.Parse(body)!.AsObject();

    private static StorageAnswer Json(int status, JsonObject body, string? etag = null)
    {
        var answer = new StorageAnswer(
            status) { Headers = { ["Content-Type"] = "application/json;odata=minimalmetadata" }, Body = Encoding.UTF8.GetBytes(body.ToJsonString()) };
        if (etag is not null) answer.Headers["ETag"] = etag;
        return answer;
    }

    // costs, costs(), costs(PartitionKey='2026-03-01',RowKey='a')
    [GeneratedRegex(@"^(?<table>\w+)(\((PartitionKey='(?<partition>[^']*)',\s*RowKey='(?<row>[^']*)')?\))?$")]
    private static partial Regex Address();

    [GeneratedRegex(@"(?<name>\w+) (?<operator>eq|ne|gt|ge|lt|le) (?<value>(datetime)?'(?:[^']|'')*'|[\w.+-]+)|[()]|\band\b|\bor\b")]
    private static partial Regex Words();

    [GeneratedRegex(
        @"(?<method>POST|PUT|MERGE|PATCH|DELETE) (?<address>http\S+) HTTP/1\.1\r\n(?<headers>(?:[^\r\n]+\r\n)*)\r\n(?<body>\{[^\r\n]*\})?")]
    private static partial Regex Changes();
}
