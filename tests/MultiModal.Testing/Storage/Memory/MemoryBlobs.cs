using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace MultiModal.Testing.Storage.Memory;

/// <summary>Block blobs with metadata, conditions, leases and listings (Blob service REST API).</summary>
internal sealed class MemoryBlobs
{
    private readonly Dictionary<string, SortedDictionary<string, Blob>> containers = new(StringComparer.Ordinal);
    private long versions;

    public StorageAnswer Answer(StorageRequest request)
    {
        // {account}/{container}/{blob}: a blob's name may hold slashes.
        var parts = request.Path.Split('/', 4, StringSplitOptions.None);
        var container = string.Join('/', parts[1..3]);
        if (parts.Length < 4 || request.Parameter("restype") == "container") return AnswerContainer(request, container);
        if (!containers.TryGetValue(container, out var blobs)) return StorageAnswer.Error(404, "ContainerNotFound");
        return (request.Method, request.Parameter("comp")) switch
        {
            ("PUT", null) => Put(request, blobs, parts[3], request.Body),
            ("PUT", "block") => PutBlock(request, blobs, parts[3]),
            ("PUT", "blocklist") => PutBlockList(request, blobs, parts[3]),
            ("PUT", "metadata") => PutMetadata(request, blobs, parts[3]),
            ("PUT", "lease") => Lease(request, blobs, parts[3]),
            ("GET" or "HEAD", null) => Get(request, blobs, parts[3]),
            ("DELETE", null) => Delete(request, blobs, parts[3]),
            _ => StorageAnswer.Error(400, "InvalidQueryParameterValue"),
        };
    }

    private StorageAnswer AnswerContainer(StorageRequest request, string container) => (request.Method, request.Parameter("comp")) switch
    {
        ("PUT", null) => containers.TryAdd(container, new(StringComparer.Ordinal))
            ? Changed(201, NextVersion())
            : StorageAnswer.Error(409, "ContainerAlreadyExists"),
        ("DELETE", null) => containers.Remove(container) ? new(202) : StorageAnswer.Error(404, "ContainerNotFound"),
        ("GET", "list") when containers.TryGetValue(container, out var blobs) => List(request, container, blobs),
        ("GET" or "HEAD", null) when containers.ContainsKey(container) => Changed(200, NextVersion()),
        _ => StorageAnswer.Error(404, "ContainerNotFound"),
    };

    private StorageAnswer Put(StorageRequest request, SortedDictionary<string, Blob> blobs, string name, byte[] content)
    {
        var there = Committed(blobs, name);
        if (Refusal(request, there, isCreation: true) is { } refusal) return refusal;
        var blob = new Blob
        {
            Content = content,
            ContentType = request.Header("x-ms-blob-content-type") ?? request.Header("Content-Type") ?? "application/octet-stream",
            Metadata = Metadata(request),
            Version = NextVersion(),
            Created = there?.Created ?? DateTimeOffset.UtcNow,
            Held = there?.Held,
        };
        blobs[name] = blob;
        return Changed(201, blob.Version);
    }

    private static StorageAnswer PutBlock(StorageRequest request, SortedDictionary<string, Blob> blobs, string name)
    {
        if (!blobs.TryGetValue(name, out var blob)) blobs[name] = blob = new Blob { IsUncommitted = true };
        blob.Blocks[request.Parameter("blockid")!] = request.Body;
        return new(201);
    }

    private StorageAnswer PutBlockList(StorageRequest request, SortedDictionary<string, Blob> blobs, string name)
    {
        var blocks = blobs.TryGetValue(name, out var blob) ? blob.Blocks : [];
        using var content = new MemoryStream();
        using var list = new MemoryStream(request.Body);
        foreach (var id in XDocument.Load(list).Root!.Elements())
        {
            if (!blocks.TryGetValue(id.Value, out var block)) return StorageAnswer.Error(400, "InvalidBlockList");
            content.Write(block);
        }

        return Put(request, blobs, name, content.ToArray());
    }

    private StorageAnswer PutMetadata(StorageRequest request, SortedDictionary<string, Blob> blobs, string name)
    {
        if (Committed(blobs, name) is not { } blob) return StorageAnswer.Error(404, "BlobNotFound");
        if (Refusal(request, blob, isCreation: false) is { } refusal) return refusal;
        (blob.Metadata, blob.Version) = (Metadata(request), NextVersion());
        return Changed(200, blob.Version);
    }

    private static StorageAnswer Get(StorageRequest request, SortedDictionary<string, Blob> blobs, string name)
    {
        if (Committed(blobs, name) is not { } blob) return StorageAnswer.Error(404, "BlobNotFound");
        if (request.Header("If-Match") is { } match && !Is(match, blob)) return StorageAnswer.Error(412, "ConditionNotMet");
        if (request.Header("If-None-Match") is { } known && Is(known, blob)) return new(304);
        if (request.Header("x-ms-lease-id") is { } lease && blob.ActiveLease != lease) return LeaseMismatch(blob);
        var (content, status) = (blob.Content, 200);
        var headers = Properties(blob);
        if (request.Method == "GET" && (request.Header("x-ms-range") ?? request.Header("Range")) is { } range)
        {
            var ends = range["bytes=".Length..].Split('-');
            var first = int.Parse(ends[0], CultureInfo.InvariantCulture);
            if (first >= content.Length) return StorageAnswer.Error(416, "InvalidRange");
            var last = ends[1].Length == 0
                ? content.Length - 1
                : (int)Math.Min(long.Parse(ends[1], CultureInfo.InvariantCulture), content.Length - 1);
            headers["Content-Range"] = string.Create(CultureInfo.InvariantCulture, $"bytes {first}-{last}/{content.Length}");
            (content, status) = (content[first..(last + 1)], 206);
        }

        return new(status) { Headers = headers, Body = request.Method == "HEAD" ? [] : content, Length = blob.Content.Length };
    }

    private static StorageAnswer Delete(StorageRequest request, SortedDictionary<string, Blob> blobs, string name)
    {
        if (Committed(blobs, name) is not { } blob) return StorageAnswer.Error(404, "BlobNotFound");
        if (Refusal(request, blob, isCreation: false) is { } refusal) return refusal;
        blobs.Remove(name);
        return new(202);
    }

    private static StorageAnswer Lease(StorageRequest request, SortedDictionary<string, Blob> blobs, string name)
    {
        if (Committed(blobs, name) is not { } blob) return StorageAnswer.Error(404, "BlobNotFound");
        if (request.Header("If-Match") is { } match && !Is(match, blob)) return StorageAnswer.Error(412, "ConditionNotMet");
        var id = request.Header("x-ms-lease-id");
        switch (request.Header("x-ms-lease-action"))
        {
            case "acquire":
                var proposed = request.Header("x-ms-proposed-lease-id") ?? Guid.NewGuid().ToString();
                if (blob.ActiveLease is { } active && active != proposed) return StorageAnswer.Error(409, "LeaseAlreadyPresent");
                var seconds = int.Parse(request.Header("x-ms-lease-duration")!, CultureInfo.InvariantCulture);
                blob.Held = new(proposed, TimeSpan.FromSeconds(seconds), DateTimeOffset.UtcNow);
                return Leased(201, blob, proposed);
            case "renew":
                if (blob.Held?.Id != id) return StorageAnswer.Error(409, "LeaseIdMismatchWithLeaseOperation");
                if (blob.Held!.IsBroken) return StorageAnswer.Error(409, "LeaseIsBrokenAndCannotBeRenewed");
                blob.Held = blob.Held with { Since = DateTimeOffset.UtcNow };
                return Leased(200, blob, id!);
            case "release":
                if (blob.Held?.Id != id) return StorageAnswer.Error(409, "LeaseIdMismatchWithLeaseOperation");
                blob.Held = null;
                return Changed(200, blob.Version);
            case "break":
                if (blob.Held is null) return StorageAnswer.Error(409, "LeaseNotPresentWithLeaseOperation");
                blob.Held = blob.Held with { IsBroken = true };
                var broken = Changed(202, blob.Version);
                broken.Headers["x-ms-lease-time"] = "0";
                return broken;
            default:
                return StorageAnswer.Error(400, "InvalidHeaderValue");
        }
    }

    /// <summary>One page: marker and maxresults page on.</summary>
    private static StorageAnswer List(StorageRequest request, string container, SortedDictionary<string, Blob> blobs)
    {
        var (prefix, delimiter, after) = (request.Parameter("prefix") ?? "", request.Parameter("delimiter"), request.Parameter("marker") ?? "");
        var most = int.Parse(request.Parameter("maxresults") ?? "5000", CultureInfo.InvariantCulture);
        var withMetadata = request.Parameter("include")?.Contains("metadata", StringComparison.OrdinalIgnoreCase) == true;
        var (listed, folders, next) = (new List<XElement>(), new HashSet<string>(StringComparer.Ordinal), "");
        foreach (var (name, blob) in blobs)
        {
            if (blob.IsUncommitted || !name.StartsWith(prefix, StringComparison.Ordinal) || string.CompareOrdinal(name, after) < 0) continue;
            if (listed.Count == most)
            {
                next = name;
                break;
            }

            var end = delimiter is null ? -1 : name.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
            if (end < 0) listed.Add(Entry(name, blob, withMetadata));
            else if (folders.Add(name[..(end + 1)])) listed.Add(new XElement("BlobPrefix", Name(name[..(end + 1)])));
        }

        var list = new XElement(
            "EnumerationResults", new XAttribute("ServiceEndpoint", "http://127.0.0.1/"), new XAttribute("ContainerName", container),
            new XElement("Prefix", prefix), new XElement("Blobs", listed), new XElement("NextMarker", next));
        return new(
            200) { Headers = { ["Content-Type"] = "application/xml" },
                Body = Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"utf-8\"?>" + list.ToString(SaveOptions.DisableFormatting)) };
    }

    private static XElement Entry(string name, Blob blob, bool withMetadata) => new(
        "Blob",
        Name(name),
        new XElement(
            "Properties",
            new XElement("Creation-Time", Time(blob.Created)),
            new XElement("Last-Modified", Time(blob.Modified)),
            new XElement("Etag", blob.Version.Trim('"')),
            new XElement("Content-Length", blob.Content.Length),
            new XElement("Content-Type", blob.ContentType),
            new XElement("BlobType", "BlockBlob"),
            new XElement("LeaseStatus", blob.ActiveLease is null ? "unlocked" : "locked"),
            new XElement("LeaseState", blob.LeaseState)),
        withMetadata ? new XElement("Metadata", blob.Metadata.Select(m => new XElement(m.Key, m.Value))) : null);

    // As Azure does it where a name holds what XML cannot.
    private static XElement Name(string name) => name.Any(c => c is '\uFFFE' or '\uFFFF' || (char.IsControl(c) && c is not ('\t' or '\n' or '\r')))
        ? new XElement("Name", new XAttribute("Encoded", "true"), Uri.EscapeDataString(name))
        : new XElement("Name", name);

    /// <returns>Null where the request's conditions and lease allow the write.</returns>
    private static StorageAnswer? Refusal(StorageRequest request, Blob? blob, bool isCreation)
    {
        if (request.Header("If-None-Match") == "*" && blob is not null) return StorageAnswer.Error(409, "BlobAlreadyExists");
        if (request.Header("If-Match") is { } match && (blob is null || !Is(match, blob))) return StorageAnswer.Error(412, "ConditionNotMet");
        var lease = request.Header("x-ms-lease-id");
        if (blob is null) return isCreation && lease is not null ? StorageAnswer.Error(412, "LeaseNotPresentWithBlobOperation") : null;
        if (lease is null) return blob.ActiveLease is null ? null : StorageAnswer.Error(412, "LeaseIdMissing");
        return blob.ActiveLease == lease ? null : LeaseMismatch(blob);
    }

    /// <summary>Listings name a version without quotation marks, and Azure takes it with and without them.</summary>
    private static bool Is(string tag, Blob blob) => tag == "*" || tag.Trim('"') == blob.Version.Trim('"');

    private static StorageAnswer LeaseMismatch(Blob blob) =>
        StorageAnswer.Error(
            412,
            blob.Held is null ? "LeaseNotPresentWithBlobOperation" : blob.ActiveLease is null ? "LeaseLost" : "LeaseIdMismatchWithBlobOperation");

    private static Blob? Committed(SortedDictionary<string, Blob> blobs, string name) =>
        blobs.TryGetValue(name, out var blob) && !blob.IsUncommitted ? blob : null;

    private static Dictionary<string, string> Metadata(StorageRequest request) =>
        request.Headers.Where(h => h.Key.StartsWith("x-ms-meta-", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(h => h.Key["x-ms-meta-".Length..], h => h.Value, StringComparer.OrdinalIgnoreCase);

    private static Dictionary<string, string> Properties(Blob blob)
    {
        var headers = new Dictionary<string, string>
        {
            ["ETag"] = blob.Version,
            ["Last-Modified"] = Time(blob.Modified),
            ["Content-Type"] = blob.ContentType,
            ["Accept-Ranges"] = "bytes",
            ["x-ms-blob-type"] = "BlockBlob",
            ["x-ms-creation-time"] = Time(blob.Created),
            ["x-ms-lease-state"] = blob.LeaseState,
            ["x-ms-lease-status"] = blob.ActiveLease is null ? "unlocked" : "locked",
        };
        foreach (var (name, value) in blob.Metadata) headers[$"x-ms-meta-{name}"] = value;
        return headers;
    }

    private static StorageAnswer Leased(int status, Blob blob, string id)
    {
        var answer = Changed(status, blob.Version);
        answer.Headers["x-ms-lease-id"] = id;
        return answer;
    }

    private static StorageAnswer Changed(int status, string version) =>
        new(status) { Headers = { ["ETag"] = version, ["Last-Modified"] = Time(DateTimeOffset.UtcNow) } };

    private static string Time(DateTimeOffset time) => time.ToString("R", CultureInfo.InvariantCulture);

    private string NextVersion() => string.Create(CultureInfo.InvariantCulture, $"\"0x{++versions:X16}\"");

    private sealed class Blob
    {
        public byte[] Content { get; init; } = [];

        public string ContentType { get; init; } = "";

        public Dictionary<string, string> Metadata { get; set; } = [];

        public string Version { get; set; } = "";

        public DateTimeOffset Created { get; init; } = DateTimeOffset.UtcNow;

        public DateTimeOffset Modified { get; } = DateTimeOffset.UtcNow;

        public Dictionary<string, byte[]> Blocks { get; } = [];

        /// <summary>Blocks have come, and no list of them yet: nobody sees such a blob.</summary>
        public bool IsUncommitted { get; init; }

        /// <summary>The latest lease, also one that has run out or is broken.</summary>
        public HeldLease? Held { get; set; }

        public string? ActiveLease => Held is { IsBroken: false, IsOver: false } held ? held.Id : null;

        public string LeaseState => Held switch
        {
            null => "available",
            { IsBroken: true } => "broken",
            { IsOver: true } => "expired",
            _ => "leased",
        };
    }

    private sealed record HeldLease(string Id, TimeSpan Duration, DateTimeOffset Since, bool IsBroken = false)
    {
        public bool IsOver => DateTimeOffset.UtcNow >= Since + Duration;
    }
}
