using System.Text.Json;
using System.Text.Json.Nodes;
using AzureOpenAISimulator;

namespace MultiModal.Faults.Tests.Upgrade;

/// <summary>Reports of today are read by a program that knows only the schema of an older build.</summary>
[Collection(SharedAzurite.Name)]
public sealed class OldReaderTests(AzuriteFixture azurite)
{
    /// <summary>Between them they have items of every kind, and items that fail.</summary>
    private static readonly string[] Batches = ["album", "documents", "meeting"];

    private static readonly StorageDump Recorded = StorageDump.Open(RecordedAccount.File);

    [Fact]
    public async Task An_old_reader_reads_every_report_of_today()
    {
        var storage = azurite.NewConnectionString();
        await using var simulator = await SimulatorServer.StartAsync();
        var dropped = Recorded.Dropped.Blobs.Where(b => Batches.Contains(StorageDump.BatchOf(b.Name)));
        await new StorageDump([.. dropped], [], []).LoadAsync(storage);
        await using var host = await ServingHost.StartAsync(RecordedHosts.Azure(storage, simulator.Endpoint, simulator.Key));
        var reader = await OldReader.OpenAsync();
        foreach (var batch in Batches)
        {
            await host.WaitForRestAsync(batch, 1);
            var complaints = reader.FindComplaints(await host.GetAsync($"{ServingHost.AddressOf(batch)}/report"));
            Assert.True(complaints.Count == 0, $"{batch}: {string.Join('\n', complaints)}");
        }

        Assert.NotEmpty(simulator.Bill.Lines);
    }

    [Fact]
    public async Task An_old_reader_ignores_new_members()
    {
        var reader = await OldReader.OpenAsync();
        var report = Report();
        foreach (var parent in Members(report).Select(m => m.Parent).Distinct()) parent["newMember"] = new JsonObject { ["value"] = 1 };
        Assert.Empty(reader.FindComplaints(report.ToJsonString()));
    }

    [Fact]
    public async Task An_old_reader_misses_every_member_that_is_removed()
    {
        var reader = await OldReader.OpenAsync();
        var report = Report();
        var unnoticed = new List<string>();
        foreach (var (parent, name) in Members(report))
        {
            var value = parent[name];
            parent.Remove(name);
            if (reader.FindComplaints(report.ToJsonString()).Count == 0) unnoticed.Add($"{parent.GetPath()}.{name}");
            parent[name] = value;
        }

        Assert.Empty(unnoticed);
    }

    [Fact]
    public async Task An_old_reader_notices_every_member_that_changes_its_type()
    {
        var reader = await OldReader.OpenAsync();
        var report = Report();
        var unnoticed = new List<string>();
        foreach (var (parent, name) in Members(report))
        {
            var value = parent[name];
            parent[name] = value?.GetValueKind() is JsonValueKind.String or null ? JsonValue.Create(true) : JsonValue.Create("a text");
            if (reader.FindComplaints(report.ToJsonString()).Count == 0) unnoticed.Add($"{parent.GetPath()}.{name}");
            parent[name] = value;
        }

        Assert.Empty(unnoticed);
    }

    /// <summary>A recorded report with one item of each kind and status, which keeps the tests quick.</summary>
    private static JsonObject Report()
    {
        var blob = Recorded.Blobs.Single(b => b is { Container: StorageDump.Results, Name: "meeting/report.json" });
        var report = JsonNode.Parse(blob.Text)!.AsObject();
        var chosen = report["items"]!.AsArray().DistinctBy(i => (i!["kind"]!.GetValue<string>(), i["status"]!.GetValue<string>()));
        report["items"] = new JsonArray([.. chosen.Select(i => i!.DeepClone())]);
        return report;
    }

    private static List<(JsonObject Parent, string Name)> Members(JsonNode? node) => node switch
    {
        JsonObject parent => [.. parent.Select(m => (parent, m.Key)), .. parent.SelectMany(m => Members(m.Value))],
        JsonArray elements => [.. elements.SelectMany(Members)],
        _ => [],
    };
}
