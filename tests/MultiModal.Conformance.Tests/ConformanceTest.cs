using System.Security.Cryptography;
using System.Text.Json;
using Azure.Storage.Blobs;

// Tests share one host and one simulator, whose calls are counted: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace MultiModal.Conformance.Tests;

/// <summary>
/// What any host of the product must do, seen from outside. The suite knows environment variables only:
/// <c>CONFORMANCE_BASE_URL</c> (all is skipped without it), <c>CONFORMANCE_STORAGE</c> (connection string of the account that
/// the host works on), <c>CONFORMANCE_KEY</c> where the host asks for one, and <c>CONFORMANCE_SIMULATOR</c> (address of the
/// simulator that the host's engines talk to) for what is said about model calls.
/// </summary>
public abstract class ConformanceTest : IAsyncLifetime
{
    private readonly List<string> made = [];
    private readonly BlobServiceClient storage;

    protected ConformanceTest()
    {
        var address = Environment.GetEnvironmentVariable("CONFORMANCE_BASE_URL");
        Skip.If(string.IsNullOrEmpty(address), "CONFORMANCE_BASE_URL is not set: there is no host to test.");
        var account = Environment.GetEnvironmentVariable("CONFORMANCE_STORAGE");
        Skip.If(string.IsNullOrEmpty(account), "CONFORMANCE_STORAGE is not set: there is no storage account to drop files into.");
        Host = new HostClient(new Uri(address), Environment.GetEnvironmentVariable("CONFORMANCE_KEY"));
        storage = new BlobServiceClient(account);
    }

    private protected HostClient Host { get; }

    private protected BlobContainerClient Inbox => storage.GetBlobContainerClient("inbox");

    private protected BlobContainerClient Results => storage.GetBlobContainerClient("results");

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync()
    {
        foreach (var batch in made)
        {
            await Host.WaitUntilAsync(batch, details => details is null || details.Value.Status() is not ("running" or "quiet"), "rest");
            using var deleted = await Host.SendAsync(HttpMethod.Delete, HostClient.AddressOf(batch));
        }

        Host.Dispose();
    }

    /// <summary>A name that no batch had before, deleted after the test.</summary>
    protected string NewBatch(string about = "conformance")
    {
        var name = $"{about} {RandomNumberGenerator.GetHexString(12, lowercase: true)}";
        made.Add(name);
        return name;
    }

    /// <summary>A text that no test used before, so that nothing of it is known to a cache.</summary>
    protected static string NewText(string about = "The harbour office opens at eight.") =>
        $"{about} Reference {RandomNumberGenerator.GetHexString(16)}.";

    private protected async Task DropAsync(string batch, string file, byte[] content) =>
        await Inbox.GetBlobClient($"{batch}/{file}").UploadAsync(new BinaryData(content), overwrite: true);

    private protected Task DropAsync(string batch, string file, string text) => DropAsync(batch, file, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Drops files and reads the report of the run that they lead to.</summary>
    private protected async Task<JsonElement> RunAsync(string batch, params (string File, byte[] Content)[] files)
    {
        foreach (var (file, content) in files) await DropAsync(batch, file, content);
        return await Host.WaitForReportAsync(
            batch, report => files.All(f => report.GetProperty("items").EnumerateArray().Any(i => i.GetProperty("name").GetString() == f.File)));
    }
}
