using System.Globalization;
using Microsoft.Extensions.Options;
using MultiModal.LocalHost.Hosting;
using MultiModal.LocalHost.Registration;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Estimates;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Runs;
using Spectre.Console;

namespace MultiModal.LocalHost.Commands;

/// <summary>
/// Estimates the cost of a folder as a batch. The folder is uploaded under a name of its own, held so that no host runs it, and deleted
/// again; files optimised for the estimate stay in the cache for the run.
/// </summary>
internal sealed class EstimateCommand(CommandOutput output)
{
    public async Task<int> RunAsync(string folder, IEnumerable<string> settings, CancellationToken cancellationToken)
    {
        using var tool = ToolHost.Build(output.Console, settings);
        var services = tool.Services;
        var account = await services.OpenAccountAsync(cancellationToken);
        var name = $"estimate-{Guid.CreateVersion7(services.GetRequiredService<TimeProvider>().GetUtcNow()):N}";
        var upload = FolderUpload.Plan(
            folder, name, services.GetRequiredService<IOptions<PipelineOptions>>().Value, services.GetRequiredService<InboxListing>().IgnorePatterns);
        foreach (var skipped in upload.Skipped) output.Console.WriteLine(VisibleText.Of($"skipping {skipped}"));
        var held = await HeldAsync(folder, cancellationToken);
        try
        {
            await account.Inbox.GetBlobClient(BatchOptionsFile.BlobName(upload.Batch)).UploadAsync(held, cancellationToken);
            var reader = services.GetRequiredService<InboxReader>();
            await upload.Without(BatchOptionsFile.BlobName(upload.Batch)).RunAsync(account, mark: null, reader, _ => { }, cancellationToken);
            var estimate = await services.GetRequiredService<BatchEstimator>().EstimateAsync(upload.Batch, cancellationToken);
            if (!estimate.Succeeded) throw new RefusedException(estimate.Failure);
            output.Write(estimate.Value, console => Show(console, estimate.Value));
            return ExitCode.Success;
        }
        finally
        {
            await ActivatorUtilities.CreateInstance<BatchEraser>(services).EraseAsync(upload.Batch, CancellationToken.None);
        }
    }

    /// <summary>Reads the folder's own options and makes the batch one that never starts by itself.</summary>
    private static async Task<BinaryData> HeldAsync(string folder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, BatchOptionsFile.FileName);
        var options = BatchOptions.Default;
        if (File.Exists(path))
        {
            await using var file = File.OpenRead(path);
            var parsed = await BatchOptionsFile.ParseAsync(file, cancellationToken);
            options = parsed.Succeeded ? parsed.Value : throw new RefusedException(parsed.Failure);
        }

        return BatchOptionsFile.Write(options with { Start = StartMode.Manual });
    }

    private static void Show(IAnsiConsole console, BatchEstimate estimate)
    {
        List<string[]> rows =
        [
            .. estimate.Items.Select(i => (string[])[VisibleText.Of(i.Name), Calls(i), .. Cells(i.Price)]),
            ["(synthesis)", "", .. Cells(estimate.Synthesis)],
            .. estimate.Illustration is { } picture ? (string[][])[["(illustration)", "", .. Cells(picture)]] : [],
            ["(total)", "", .. Cells(estimate.Total)],
        ];
        if (console.Profile.Out.IsTerminal)
        {
            var table = new Table().AddColumns("item", "calls", "at least", "expected", "at most").RoundedBorder().Caption("USD");
            foreach (var row in rows) table.AddRow([.. row.Select(Markup.Escape)]);
            console.Write(table);
        }
        else
        {
            foreach (var row in rows) console.Profile.Out.Writer.WriteLine(string.Join('\t', row));
        }

        if (estimate.Unpriced.Count > 0) console.WriteLine($"Not counted, because they have no price: {string.Join(", ", estimate.Unpriced)}");
    }

    private static string Calls(ItemEstimate item) => item.Code
        ?? (item.Known > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{item.Calls} ({item.Known} known)")
        : item.Calls.ToString(CultureInfo.InvariantCulture));

    private static string[] Cells(PriceRange price) => [Usd(price.LeastUsd), Usd(price.ExpectedUsd), Usd(price.MostUsd)];

    private static string Usd(decimal amount) => amount.ToString("0.00####", CultureInfo.InvariantCulture);
}
