using System.Diagnostics;
using System.Globalization;
using AzureOpenAISimulator;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Tests;

namespace MultiModal.Benchmarks;

/// <summary>
/// How much memory the local host takes at most (VmHWM of its process, Linux) while a batch with a file of 1 GB goes through:
/// once a file of no known kind, which is hashed, and once a recording of noise, which is decoded, cut and sent too.
/// </summary>
internal static class MemoryBenchmark
{
    private const long FileBytes = 1L << 30;
    private const int PromisedMegabytes = 300;

    public static async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var azurite = AzuriteFixture.OnDisk();
        await azurite.InitializeAsync();
        try
        {
            var storage = azurite.NewConnectionString();
            var account = MediaAccount.Open(new StorageOptions { ConnectionString = storage });
            await account.CreateContainersAsync(cancellationToken);
            await using var simulator = await SimulatorServer.StartAsync(cancellationToken: cancellationToken);
            using var host = Start(storage, simulator);
            var idle = await Idle(host, cancellationToken);
            var kept = true;
            foreach (var (name, head) in new[] { ("unknown.bin", new byte[] { 0x7F, 0x45, 0x4C, 0x46 }), ("recording.wav", WavHeader()) })
            {
                var batch = BatchName.Parse(Path.GetFileNameWithoutExtension(name));
                var watch = Stopwatch.StartNew();
                await using (var content = new PseudoRandomStream(head, FileBytes))
                {
                    await account.Inbox.GetBlobClient($"{batch.Value}/{name}").UploadAsync(content, cancellationToken);
                }

                var uploaded = watch.Elapsed;
                var report = await Report(account, batch, host, cancellationToken);
                var peak = Peak(host);
                kept &= peak <= PromisedMegabytes;
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name}: {FileBytes >> 20} MiB, item {report.Items[0].Status} {report.Items[0].Error?.Code}, upload {uploaded.TotalSeconds:F1} s, run {report.Timing.WallClockMs / 1000.0:F1} s, peak RSS of the host {peak} MB (idle {idle} MB, promised {PromisedMegabytes} MB)"));
            }

            host.Kill();
            await host.WaitForExitAsync(cancellationToken);
            return kept;
        }
        finally
        {
            await azurite.DisposeAsync();
        }
    }

    private static Process Start(string storage, SimulatorServer simulator)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "MultiModalFunctions.sln"))) folder = Path.GetDirectoryName(folder)!;
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(folder, "src", "MultiModal.LocalHost", "bin", "Release", "net10.0", "MultiModal.LocalHost.dll"));
        start.ArgumentList.Add("serve");
        start.Environment["Storage__ConnectionString"] = storage;
        start.Environment["LocalHost__Url"] = "http://127.0.0.1:0";
        start.Environment["AZURE_OPENAI_ENDPOINT"] = simulator.Endpoint.ToString();
        start.Environment["AZURE_OPENAI_API_KEY"] = simulator.Key;
        var host = Process.Start(start)!;
        host.OutputDataReceived += (_, _) => { };
        host.BeginOutputReadLine();
        return host;
    }

    private static async Task<long> Idle(Process host, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(5), cancellationToken);
        return Peak(host);
    }

    private static async Task<Report> Report(MediaAccount account, BatchName batch, Process host, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (host.HasExited) throw new InvalidOperationException($"The host ended with status {host.ExitCode}.");
            if (await account.Results.ReadJsonAsync<Report>($"{batch.ResultsFolder}/report.json", cancellationToken) is { } report) return report.Value;
            await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken);
        }
    }

    private static long Peak(Process host)
    {
        var line = File.ReadLines($"/proc/{host.Id}/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    private static byte[] WavHeader()
    {
        using var header = new MemoryStream();
        using var writer = new BinaryWriter(header);
        writer.Write("RIFF"u8);
        writer.Write((uint)(FileBytes - 8));
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write((short)2);
        writer.Write(44_100);
        writer.Write(176_400);
        writer.Write((short)4);
        writer.Write((short)16);
        writer.Write("data"u8);
        writer.Write((uint)(FileBytes - 44));
        return header.ToArray();
    }
}
