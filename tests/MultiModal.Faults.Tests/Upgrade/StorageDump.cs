using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace MultiModal.Faults.Tests.Upgrade;

/// <summary>
/// A storage account in a file: its blobs, the rows of its tables, and what a host on it answered over HTTP. The file is the gzip of one JSON object
/// a line, in the order of the names. A text stands in the line of its blob. Other bytes have a line of their own, once for each content.
/// </summary>
internal sealed partial record StorageDump(IReadOnlyList<DumpedBlob> Blobs, IReadOnlyList<DumpedRow> Rows, IReadOnlyList<DumpedAnswer> Answers)
{
    public const string Inbox = "inbox";
    public const string Results = "results";
    public const string State = "state";

    private const int ParallelUploads = 16;

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The names of all batches that have files in the inbox, where one folder names a batch.</summary>
    public IReadOnlyList<string> Batches => [.. Blobs.Where(b => b.Container == Inbox).Select(b => BatchOf(b.Name)).Distinct()];

    /// <summary>The files that people dropped, without anything that a host made of them.</summary>
    public StorageDump Dropped => new([.. Blobs.Where(b => b.Container == Inbox)], [], []);

    public static string BatchOf(string blobName) => blobName.Split('/')[0];

    /// <exception cref="InvalidDataException">The file is not a dump.</exception>
    public static StorageDump Open(string path)
    {
        using var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var reader = new StreamReader(packed, StrictUtf8);
        var contents = new Dictionary<string, byte[]>();
        var (blobs, rows, answers) = (new List<DumpedBlob>(), new List<DumpedRow>(), new List<DumpedAnswer>());
        while (reader.ReadLine() is { } text)
        {
            var line = JsonNode.Parse(text)!.AsObject();
            if (line.ContainsKey("bytes")) contents[Read(line, "sha256")] = Convert.FromBase64String(Read(line, "bytes"));
            else if (line.ContainsKey("container")) blobs.Add(ReadBlob(line, contents));
            else if (line.ContainsKey("table")) rows.Add(ReadRow(line));
            else answers.Add(new DumpedAnswer(Read(line, "path"), Read(line, "type"), Read(line, "answer")));
        }

        return new StorageDump(blobs, rows, answers);
    }

    /// <summary>Takes everything that is in an account now.</summary>
    public static async Task<StorageDump> TakeAsync(string connectionString, IReadOnlyList<DumpedAnswer> answers)
    {
        var (blobs, service) = (new List<DumpedBlob>(), new BlobServiceClient(connectionString));
        await foreach (var container in service.GetBlobContainersAsync())
        {
            var client = service.GetBlobContainerClient(container.Name);
            await foreach (var blob in client.GetBlobsAsync(new GetBlobsOptions { Traits = BlobTraits.Metadata }))
            {
                var content = (await client.GetBlobClient(blob.Name).DownloadContentAsync()).Value.Content.ToArray();
                var metadata = new SortedDictionary<string, string>(blob.Metadata, StringComparer.Ordinal);
                blobs.Add(new DumpedBlob(container.Name, blob.Name, $"{blob.Properties.ETag}", blob.Properties.ContentType, metadata, content));
            }
        }

        var (rows, tables) = (new List<DumpedRow>(), new TableServiceClient(connectionString));
        await foreach (var table in tables.QueryAsync())
        {
            await foreach (var row in tables.GetTableClient(table.Name).QueryAsync<TableEntity>())
            {
                var values = new SortedDictionary<string, object>(StringComparer.Ordinal);
                foreach (var (name, value) in row)
                {
                    if (value is not null && name is not ("odata.etag" or "PartitionKey" or "RowKey" or "Timestamp")) values[name] = value;
                }

                rows.Add(new DumpedRow(table.Name, row.PartitionKey, row.RowKey, values));
            }
        }

        return new StorageDump(blobs, rows, answers);
    }

    public void Save(string path)
    {
        using var packed = new GZipStream(File.Create(path), CompressionLevel.SmallestSize);
        using var writer = new StreamWriter(packed, StrictUtf8) { NewLine = "\n" };
        var saved = new HashSet<string>();
        foreach (var blob in Blobs.OrderBy(b => $"{b.Container}\0{b.Name}", StringComparer.Ordinal))
        {
            var line = new JsonObject
            {
                ["container"] = blob.Container,
                ["name"] = blob.Name,
                ["etag"] = blob.ETag,
                ["type"] = blob.ContentType,
                ["metadata"] = JsonSerializer.SerializeToNode(blob.Metadata),
            };
            if (TryReadText(blob.Content) is { } text)
            {
                line["text"] = text;
            }
            else
            {
                var hash = Sha256.Of(blob.Content);
                if (saved.Add(hash)) Write(new JsonObject { ["sha256"] = hash, ["bytes"] = Convert.ToBase64String(blob.Content) });
                line["sha256"] = hash;
            }

            Write(line);
        }

        foreach (var row in Rows.OrderBy(r => $"{r.Table}\0{r.Partition}\0{r.Row}", StringComparer.Ordinal))
        {
            var values = new JsonObject();
            foreach (var (name, value) in row.Values) values[name] = new JsonArray(value.GetType().Name, ToText(value));
            Write(new JsonObject { ["table"] = row.Table, ["partition"] = row.Partition, ["row"] = row.Row, ["values"] = values });
        }

        foreach (var answer in Answers) Write(new JsonObject { ["path"] = answer.Path, ["type"] = answer.MediaType, ["answer"] = answer.Text });

        void Write(JsonObject line) => writer.WriteLine(line.ToJsonString(Readable));
    }

    /// <summary>
    /// Puts everything into an account. Storage gives every blob a new ETag, and what is stored refers to the ETags of the inbox and to digests of
    /// them. These references are renewed wherever they stand, so that the account is what it was. Otherwise every file would look replaced.
    /// </summary>
    /// <returns>The dump as it is in the account now.</returns>
    public async Task<StorageDump> LoadAsync(string connectionString)
    {
        var service = new BlobServiceClient(connectionString);
        foreach (var container in Blobs.Select(b => b.Container).Distinct()) await service.GetBlobContainerClient(container).CreateIfNotExistsAsync();
        await UploadAsync(service, Blobs.Where(b => b.Container == Inbox));
        var renewals = await ReadRenewalsAsync(service.GetBlobContainerClient(Inbox));
        var renewed = new StorageDump(
            [.. Blobs.Select(b => b.Container == Inbox ? b : b.Renew(Renew))],
            Rows,
            [.. Answers.Select(a => a with { Text = Renew(a.Text) })]);
        await UploadAsync(service, renewed.Blobs.Where(b => b.Container != Inbox));

        var tables = new TableServiceClient(connectionString);
        foreach (var table in Rows.GroupBy(r => r.Table))
        {
            await tables.CreateTableIfNotExistsAsync(table.Key);
            foreach (var row in table)
            {
                var entity = new TableEntity(row.Values.ToDictionary()) { PartitionKey = row.Partition, RowKey = row.Row };
                await tables.GetTableClient(table.Key).AddEntityAsync(entity);
            }
        }

        return renewed;

        string Renew(string text) => Reference().Replace(text, found => renewals.GetValueOrDefault(found.Value, found.Value));
    }

    private static Task UploadAsync(BlobServiceClient service, IEnumerable<DumpedBlob> blobs) => Parallel.ForEachAsync(
        blobs,
        new ParallelOptions { MaxDegreeOfParallelism = ParallelUploads },
        async (blob, token) =>
        {
            var headers = new BlobHttpHeaders { ContentType = blob.ContentType };
            var options = new BlobUploadOptions { HttpHeaders = headers, Metadata = blob.Metadata.ToDictionary() };
            await service.GetBlobContainerClient(blob.Container).GetBlobClient(blob.Name).UploadAsync(new BinaryData(blob.Content), options, token);
        });

    /// <summary>
    /// The new value of each ETag of the inbox, and of each batch's digest, which is the SHA-256 of names and ETags in the order of the names.
    /// </summary>
    private async Task<Dictionary<string, string>> ReadRenewalsAsync(BlobContainerClient inbox)
    {
        var (before, after) = (Dropped.Blobs.ToDictionary(b => b.Name, b => b.ETag), new Dictionary<string, string>());
        await foreach (var blob in inbox.GetBlobsAsync(new GetBlobsOptions())) after[blob.Name] = $"{blob.Properties.ETag}";
        var renewals = before.ToDictionary(b => b.Value.Trim('"'), b => after[b.Key].Trim('"'));
        foreach (var batch in before.Keys.GroupBy(BatchOf)) renewals.Add(Digest(batch, before), Digest(batch, after));
        return renewals;

        static string Digest(IEnumerable<string> names, Dictionary<string, string> etags) =>
            Sha256.Of(Encoding.UTF8.GetBytes(string.Concat(names.Order(StringComparer.Ordinal).Select(name => $"{name}\0{etags[name]}\n"))));
    }

    private static DumpedBlob ReadBlob(JsonObject line, Dictionary<string, byte[]> contents) => new(
        Read(line, "container"),
        Read(line, "name"),
        Read(line, "etag"),
        Read(line, "type"),
        line["metadata"].Deserialize<SortedDictionary<string, string>>()!,
        line.ContainsKey("text") ? StrictUtf8.GetBytes(Read(line, "text")) : contents[Read(line, "sha256")]);

    private static DumpedRow ReadRow(JsonObject line)
    {
        var values = new SortedDictionary<string, object>(StringComparer.Ordinal);
        foreach (var (name, value) in line["values"]!.AsObject()) values[name] = ToValue(value![0]!.GetValue<string>(), value[1]!.GetValue<string>());
        return new DumpedRow(Read(line, "table"), Read(line, "partition"), Read(line, "row"), values);
    }

    private static string Read(JsonObject line, string name) => line[name]!.GetValue<string>();

    private static string ToText(object value) =>
        value is DateTimeOffset time ? time.ToString("O", CultureInfo.InvariantCulture) : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static object ToValue(string type, string text) => type switch
    {
        nameof(String) => text,
        nameof(Int32) => int.Parse(text, CultureInfo.InvariantCulture),
        nameof(Int64) => long.Parse(text, CultureInfo.InvariantCulture),
        nameof(Double) => double.Parse(text, CultureInfo.InvariantCulture),
        nameof(Boolean) => bool.Parse(text),
        nameof(Guid) => Guid.Parse(text),
        nameof(DateTimeOffset) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture),
        _ => throw new InvalidDataException($"A dump of a table has no values of the type {type}."),
    };

    /// <returns>Null where the content is not text.</returns>
    private static string? TryReadText(byte[] content)
    {
        try
        {
            var text = StrictUtf8.GetString(content);
            return text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')) ? null : text;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>An ETag as Azurite writes it, or a SHA-256.</summary>
    [GeneratedRegex("0x[0-9A-F]{8,}|[0-9a-f]{64}")]
    private static partial Regex Reference();
}

/// <summary>A row of a table.</summary>
internal sealed record DumpedRow(string Table, string Partition, string Row, IReadOnlyDictionary<string, object> Values);

/// <summary>What a host on the account answered to a GET.</summary>
/// <param name="Path">The path that was asked for, with its query.</param>
/// <param name="MediaType">The media type that was asked for.</param>
/// <param name="Text">The answer.</param>
internal sealed record DumpedAnswer(string Path, string MediaType, string Text)
{
    public const string Json = "application/json";
}
