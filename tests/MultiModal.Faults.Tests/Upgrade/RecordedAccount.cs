using System.Globalization;
using System.Text.Json.Nodes;

namespace MultiModal.Faults.Tests.Upgrade;

/// <summary>The account that an older build left: which batches it has, and what a host on it has to answer.</summary>
internal sealed class RecordedAccount
{
    public const string Commit = "33e71b3";

    /// <summary>The batch whose run was under way when its host was killed.</summary>
    public const string Interrupted = "interrupted";

    /// <summary>The batch that waits until it is started. Everything that it holds is known from other batches.</summary>
    public const string Held = "held";

    private readonly Dictionary<string, int> runs;

    private RecordedAccount(StorageDump dump)
    {
        Dump = dump;
        Reports = [.. dump.Blobs.Where(RecordedReport.IsOfARun).Select(RecordedReport.Read)];
        runs = dump.Batches.ToDictionary(b => b, b => LatestOf(b)?.RunSeq ?? (b == Interrupted ? 1 : 0));
    }

    public static string File => Repository.File("tests", "MultiModal.Faults.Tests", "Upgrade", $"account-{Commit}.jsonl.gz");

    public StorageDump Dump { get; }

    /// <summary>The reports of all runs that were completed.</summary>
    public IReadOnlyList<RecordedReport> Reports { get; }

    /// <summary>What the older build answered, and everything that it stored for the runs: reports, details of items, captions.</summary>
    public IEnumerable<DumpedAnswer> Expected => Dump.Answers.Concat(Reports.SelectMany(report => Dump.Blobs
        .Where(b => b.Container == StorageDump.Results && b.Name.StartsWith($"{report.Folder}/", StringComparison.Ordinal))
        .Select(b => new DumpedAnswer(AddressOf(report, b.Name[(report.Folder.Length + 1)..]), b.ContentType.Split(';')[0], b.Text))));

    /// <param name="connectionString">The empty account that it is put into.</param>
    public static async Task<RecordedAccount> LoadAsync(string connectionString) => new(await StorageDump.Open(File).LoadAsync(connectionString));

    public static bool IsCompatible(string batch) => batch == "compatible";

    public static bool IsOffline(string batch) => batch is "offline" or Interrupted;

    /// <summary>The number of the batch's latest run; 0 if there was none.</summary>
    public int RunSeqOf(string batch) => runs[batch];

    /// <returns>Null where no run was completed.</returns>
    public RecordedReport? LatestOf(string batch) => Reports.Where(r => r.Batch == batch).MaxBy(r => r.RunSeq);

    private static string AddressOf(RecordedReport report, string file)
    {
        var (batch, run) = (ServingHost.AddressOf(report.Batch), report.RunSeq.ToString(CultureInfo.InvariantCulture));
        return file.StartsWith("report.", StringComparison.Ordinal) ? $"{batch}/report?run={run}" : $"{batch}/runs/{run}/{file}";
    }
}

/// <summary>The report of a run.</summary>
/// <param name="Batch">The batch that was run.</param>
/// <param name="RunSeq">The number of the run.</param>
/// <param name="Folder">The folder of the container <c>results</c> that holds everything of the run.</param>
/// <param name="Json">The report.</param>
internal sealed record RecordedReport(string Batch, int RunSeq, string Folder, string Json)
{
    /// <summary>A batch's latest report is there a second time, outside of the folder of its run.</summary>
    public static bool IsOfARun(DumpedBlob blob) => blob.Container == StorageDump.Results
        && blob.Name.Contains("/runs/", StringComparison.Ordinal)
        && blob.Name.EndsWith("/report.json", StringComparison.Ordinal);

    public static RecordedReport Read(DumpedBlob blob)
    {
        var report = JsonNode.Parse(blob.Text)!;
        var folder = blob.Name[..blob.Name.LastIndexOf('/')];
        return new RecordedReport(report["batch"]!.GetValue<string>(), report["runSeq"]!.GetValue<int>(), folder, blob.Text);
    }
}
