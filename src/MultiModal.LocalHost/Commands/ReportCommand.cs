using System.Globalization;
using Azure;
using MultiModal.LocalHost.Hosting;
using MultiModal.LocalHost.Registration;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;

namespace MultiModal.LocalHost.Commands;

/// <summary>Writes a stored report to standard output, byte by byte: report.md for people, or report.json for programs.</summary>
internal sealed class ReportCommand(CommandOutput output, OutputFormat format, Stream target)
{
    /// <param name="batchName">The batch.</param>
    /// <param name="run">Number of the run; null for the latest report.</param>
    /// <param name="settings">Settings of the command line.</param>
    /// <param name="cancellationToken">Token that ends the command.</param>
    public async Task<int> RunAsync(string batchName, int? run, IEnumerable<string> settings, CancellationToken cancellationToken)
    {
        using var tool = ToolHost.Build(output.Console, settings);
        await tool.Services.OpenAccountAsync(cancellationToken);
        if (!BatchName.TryParse(batchName, out var batch)) throw NotThere();
        var file = format == OutputFormat.Json ? "report.json" : "report.md";
        var path = run is { } number ? string.Create(CultureInfo.InvariantCulture, $"runs/{number}/{file}") : file;
        try
        {
            var blob = await tool.Services.GetRequiredService<BatchResults>().LocateAsync(batch, path, cancellationToken);
            await blob.DownloadToAsync(target, cancellationToken);
            return ExitCode.Success;
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            throw NotThere();
        }

        RefusedException NotThere() => new(
            FailureCodes.BatchNotFound,
            run is null ? $"There is no report of a batch \"{batchName}\"." : $"There is no report of run {run} of a batch \"{batchName}\".");
    }
}
