using System.Text.RegularExpressions;

namespace MultiModal.Benchmarks;

/// <summary>One request to storage, as Azurite's access log shows it.</summary>
/// <param name="Operation">The method, or what a PUT or GET with a <c>comp</c> parameter does: LIST, LEASE, METADATA, APPEND.</param>
/// <param name="Kind">What it concerns: inbox, inventory, records, marks, locks, cancel, cache, ledger, results, batch, synthesis, or watch for
/// requests that come by time and not because of a batch.</param>
/// <param name="Target">Path and query without the account.</param>
/// <param name="Status">Status of the answer.</param>
internal sealed partial record StorageRequest(string Operation, string Kind, string Target, int Status)
{
    /// <summary>True for a write of content that was carried out.</summary>
    public bool IsUpload => Operation == "PUT" && Status is >= 200 and < 300;

    /// <returns>The request; null for a line that shows none.</returns>
    public static StorageRequest? Parse(string line)
    {
        if (Logged().Match(line) is not { Success: true } match) return null;
        var target = Uri.UnescapeDataString(match.Groups["target"].Value);
        var comp = Comp().Match(target).Groups["comp"].Value;
        var operation = comp switch
        {
            "list" => "LIST",
            "lease" => "LEASE",
            "metadata" => "METADATA",
            "appendblock" => "APPEND",
            _ => match.Groups["method"].Value,
        };
        return new StorageRequest(operation, KindOf(operation, target), target, int.Parse(match.Groups["status"].Value));
    }

    private static string KindOf(string operation, string target)
    {
        var path = target.Split('?')[0];
        if (path.StartsWith("inbox", StringComparison.Ordinal)) return operation == "LIST" && !target.Contains("prefix=") ? "watch" : "inbox";
        if (path.StartsWith("results", StringComparison.Ordinal)) return "results";
        if (path.StartsWith("cache", StringComparison.Ordinal)) return "cache";
        if (!path.StartsWith("state", StringComparison.Ordinal)) return path.StartsWith('?') ? "watch" : "ledger";
        return target switch
        {
            _ when target.Contains("owner.json") || target.Contains("webhooks") => "watch",
            _ when target.Contains("batches/") => "batch",
            _ when target.Contains("locks/") || target.Contains("flights/") => "locks",
            _ when target.Contains("starts/") || target.Contains("decodes/") => "marks",
            _ when target.Contains("/inventory") => "inventory",
            _ when target.Contains("/cancel") => "cancel",
            _ when target.Contains("synthesis") => "synthesis",
            _ => "records",
        };
    }

    [GeneratedRegex(@"""(?<method>[A-Z]+) /account\d+/?(?<target>\S*) HTTP/1\.1"" (?<status>\d+)")]
    private static partial Regex Logged();

    [GeneratedRegex(@"[?&]comp=(?<comp>[a-z]+)")]
    private static partial Regex Comp();
}

/// <summary>The requests of one batch's run, taken from Azurite's access log.</summary>
internal sealed class RequestLog
{
    private readonly Lock gate = new();
    private List<StorageRequest> requests = [];

    /// <summary>Takes a line of the access log.</summary>
    public void Add(string line)
    {
        if (StorageRequest.Parse(line) is not { } request) return;
        lock (gate) requests.Add(request);
    }

    /// <summary>Forgets what was logged so far.</summary>
    public void Restart()
    {
        lock (gate) requests = [];
    }

    /// <summary>All requests since the last restart; a copy.</summary>
    public IReadOnlyList<StorageRequest> Requests
    {
        get
        {
            lock (gate) return [.. requests];
        }
    }
}
