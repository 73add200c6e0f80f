using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MultiModal.Testing.Files;
using MultiModal.Testing.Storage.Memory;

namespace MultiModal.Testing.Azurite;

/// <summary>
/// A real Azurite on free loopback ports for as long as the tests run, with an account of its own for whoever asks. Where the environment
/// says <c>TESTS_STORAGE=memory</c>, it is <see cref="MemoryStorage"/> instead, as in mutation testing.
/// </summary>
public sealed partial class AzuriteFixture : IAsyncLifetime
{
    private const int Accounts = 1000;
    private const string Key = "bm90IGEgc2VjcmV0OiB0aGUga2V5IG9mIGEgdGVzdCdzIG93biBBenVyaXRl";

    // Azurite ends with us even if we are killed: its standard input is ours to close, and closes with us. Ten minutes after its start it looks for
    // content that no blob refers to, which stops it for minutes where there are many blobs: what lives as long as a test needs none of that.
    private const string Bootstrap = """
        process.stdin.resume().on('end', () => process.exit());
        const { dirname, join } = require('path');
        require(join(dirname(process.argv[1]), 'blob/gc/BlobGCManager.js')).default.prototype.start = async () => {};
        require(process.argv[1]);
        """;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly string folder = Directory.CreateTempSubdirectory("azurite-").FullName;
    private readonly Dictionary<string, Uri> endpoints = [];
    private bool inMemory = true;
    private Action<string>? accessLog;
    private Process? azurite;
    private MemoryStorage? memory;
    private int given;

    /// <summary>One that keeps its blobs in a temporary folder: for more than fits in memory.</summary>
    /// <param name="accessLog">Receives each line of Azurite's access log, one at a time; null for an Azurite that writes none.</param>
    public static AzuriteFixture OnDisk(Action<string>? accessLog = null) => new() { inMemory = false, accessLog = accessLog };

    /// <summary>A connection string of an account that nobody else was given, with blob, queue and table endpoints.</summary>
    public string NewConnectionString()
    {
        var number = Interlocked.Increment(ref given) - 1;
        if (number >= Accounts) throw new InvalidOperationException(
            $"All {Accounts} accounts of this Azurite are taken: raise AzuriteFixture.Accounts.");
        var account = AccountName(number);
        var services = endpoints.Select(e => $"{e.Key}Endpoint={new Uri(e.Value, account)};");
        return $"DefaultEndpointsProtocol=http;AccountName={account};AccountKey={Key};{string.Concat(services)}";
    }

    /// <summary>Id of Azurite's process; null in memory.</summary>
    public int? ProcessId => azurite?.Id;

    public async Task InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("TESTS_STORAGE") == "memory")
        {
            memory = await MemoryStorage.StartAsync();
            (endpoints["Blob"], endpoints["Table"]) = (memory.BlobEndpoint, memory.TableEndpoint);
            return;
        }

        var start = new ProcessStartInfo("node")
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments =
        [
            "--eval", Bootstrap, "--", Script(),
            .. inMemory ? ["--inMemoryPersistence"] : new[] { "--location", folder },
            "--skipApiVersionCheck", "--disableTelemetry", .. accessLog is null ? ["--silent"] : Array.Empty<string>(),
            "--blobHost", "127.0.0.1", "--blobPort", "0",
            "--queueHost", "127.0.0.1", "--queuePort", "0",
            "--tableHost", "127.0.0.1", "--tablePort", "0",
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["AZURITE_ACCOUNTS"] = string.Join(';', Enumerable.Range(0, Accounts).Select(n => $"{AccountName(n)}:{Key}"));
        azurite = Process.Start(start) ?? throw new InvalidOperationException("node did not start.");

        var said = new StringBuilder();
        using var timeout = new CancellationTokenSource(StartTimeout);
        var errors = azurite.StandardError.ReadToEndAsync(CancellationToken.None);
        while (endpoints.Count < 3)
        {
            var line = await azurite.StandardOutput.ReadLineAsync(timeout.Token)
                ?? throw new InvalidOperationException($"Azurite ended while starting: {said}{await errors}");
            said.AppendLine(line);
            if (Listening().Match(line) is { Success: true } match)
            {
                endpoints[match.Groups["service"].Value] = new Uri($"{match.Groups["address"].Value}/");
            }
        }

        // Whatever else it says is read away, or the pipe would fill and stop it.
        _ = accessLog is null
            ? azurite.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None)
            : ReadAccessLogAsync(azurite.StandardOutput, accessLog);
    }

    public async Task DisposeAsync()
    {
        if (memory is not null) await memory.DisposeAsync();
        if (azurite is { } process)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task ReadAccessLogAsync(StreamReader output, Action<string> accessLog)
    {
        while (await output.ReadLineAsync(CancellationToken.None) is { } line) accessLog(line);
    }

    private static string AccountName(int number) => string.Create(CultureInfo.InvariantCulture, $"account{number:D3}");

    private static string Script()
    {
        var script = Repository.File("node_modules", "azurite", "dist", "src", "azurite.js");
        return File.Exists(script)
            ? script
            : throw new InvalidOperationException($"Azurite is not installed: run `npm ci` in {Repository.Root} and test again.");
    }

    [GeneratedRegex(@"Azurite (?<service>Blob|Queue|Table) service is successfully listening at (?<address>http://127\.0\.0\.1:\d+)")]
    private static partial Regex Listening();
}
