using System.Text.Json;
using Azure;
using MultiModal.LocalHost.Hosting;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;

namespace MultiModal.LocalHost.Commands;

/// <summary>The files that a command writes a report to: in a folder of the user's choice, or beside the folder that was run.</summary>
internal sealed class ReportFiles
{
    private static readonly string[] Extensions = ["json", "md"];

    private readonly string prefix;

    private ReportFiles(string prefix) => this.prefix = prefix;

    /// <summary>Makes sure that the files can be written, before anything is uploaded or paid. The folder is created if it is missing.</summary>
    /// <param name="folder">The folder that is run.</param>
    /// <param name="output">The folder for the files; null to write them beside <paramref name="folder"/>, with its name.</param>
    /// <exception cref="RefusedException">The files can't be written there; the message says why.</exception>
    public static ReportFiles Prepare(string folder, string? output)
    {
        var target = Path.GetFullPath(output ?? Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))) ?? ".");
        if (File.Exists(target)) throw Refused($"{target} is a file. --out names the folder for report.json and report.md.");
        try
        {
            Directory.CreateDirectory(target);
            using var probe = new FileStream(
                Path.Combine(target, $".{Path.GetRandomFileName()}.tmp"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1,
                FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused($"The report can't be written to {target}: {e.Message} Choose another folder with --out.");
        }

        var files = new ReportFiles(Path.Combine(
            target, output is not null ? "report" : $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))}.report"));
        return files.Paths.FirstOrDefault(Directory.Exists) is { } inTheWay
            ? throw Refused($"The report can't be written to {inTheWay}, because that is a folder. Choose another place with --out.")
            : files;
    }

    private IEnumerable<string> Paths => Extensions.Select(PathOf);

    /// <summary>Writes the batch's latest report.</summary>
    /// <returns>The paths of the files.</returns>
    /// <exception cref="RefusedException">There is no such report any more.</exception>
    public async Task<IReadOnlyList<string>> WriteAsync(BatchResults results, BatchName batch, CancellationToken cancellationToken)
    {
        foreach (var extension in Extensions)
        {
            try
            {
                var report = await results.LocateAsync(batch, $"report.{extension}", cancellationToken);
                await report.DownloadToAsync(PathOf(extension), cancellationToken);
            }
            catch (RequestFailedException e) when (e.IsNotFound())
            {
                throw new RefusedException(
                    FailureCodes.BatchNotFound, $"The report of {batch.Value} no longer exists, because the batch was deleted in the meantime.");
            }
        }

        return await WritePictureAsync(results, batch, cancellationToken) is { } picture ? [.. Paths, picture] : [.. Paths];
    }

    /// <summary>Writes the picture of the report beside it, and has the report show it there.</summary>
    /// <returns>The path of the picture; null if the report has none.</returns>
    private async Task<string?> WritePictureAsync(BatchResults results, BatchName batch, CancellationToken cancellationToken)
    {
        if (await PictureOfAsync(cancellationToken) is not { } stored) return null;
        var path = PathOf(stored.EndsWith(".png", StringComparison.Ordinal) ? "png" : "jpg");
        try
        {
            await (await results.LocateAsync(batch, stored, cancellationToken)).DownloadToAsync(path, cancellationToken);
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            return null;
        }

        // Nothing that comes from files can have a link in the report.
        var report = await File.ReadAllTextAsync(PathOf("md"), cancellationToken);
        var link = Uri.EscapeDataString(Path.GetFileName(path));
        await File.WriteAllTextAsync(
            PathOf("md"), report.Replace($"]({stored})", $"]({link})", StringComparison.Ordinal), cancellationToken);
        return path;
    }

    private async Task<string?> PictureOfAsync(CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(PathOf("json"));
        using var report = await JsonDocument.ParseAsync(file, cancellationToken: cancellationToken);
        return report.RootElement.TryGetProperty("illustration", out var illustration) ? illustration.GetProperty("file").GetString() : null;
    }

    private string PathOf(string extension) => $"{prefix}.{extension}";

    private static RefusedException Refused(string message) => new(FailureCodes.OutputNotWritable, message);
}
