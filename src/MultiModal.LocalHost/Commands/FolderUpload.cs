using System.IO.Enumeration;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using MultiModal.LocalHost.Hosting;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Storage;

namespace MultiModal.LocalHost.Commands;

/// <summary>
/// Uploads a folder into the inbox. Junk is left out; links are not followed, and no pipe, socket or device is opened. Files that the batch has
/// and the folder lacks remain in the batch.
/// </summary>
internal sealed class FolderUpload
{
    private const int ParallelFiles = 4;

    // Each file takes two blocks of 4 MiB in memory, however large it is.
    private static readonly StorageTransferOptions Transfer =
        new() { InitialTransferSize = 4 << 20, MaximumTransferSize = 4 << 20, MaximumConcurrency = 2 };

    private static readonly EnumerationOptions Everything =
        new() { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = false };

    private readonly IReadOnlyList<LocalFile> files;

    private FolderUpload(BatchName batch, IReadOnlyList<LocalFile> files, IReadOnlyList<string> skipped) =>
        (Batch, this.files, Skipped) = (batch, files, skipped);

    public BatchName Batch { get; }

    /// <summary>What is not uploaded because it is no file with content, each with its kind: <c>queue (a pipe)</c>.</summary>
    public IReadOnlyList<string> Skipped { get; }

    public int Count => files.Count;

    /// <exception cref="RefusedException">The folder does not exist or is empty, or the name is not valid for a batch.</exception>
    public static FolderUpload Plan(string folder, string? batchName, PipelineOptions options, IReadOnlyList<string> ignored)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(root)) throw new RefusedException(FailureCodes.NoSuchFolder, $"There is no folder {root}.");
        var name = batchName ?? Path.GetFileName(root);
        if (!BatchName.TryParse(name, out var batch))
        {
            throw new RefusedException(FailureCodes.InvalidBatchName, $"\"{name}\" can't be the name of a batch: give one with --batch.");
        }

        var files = new List<LocalFile>();
        var skipped = new List<string>();
        foreach (var entry in Entries(root).OrderBy(e => e.FullName, StringComparer.Ordinal))
        {
            var path = Path.GetRelativePath(root, entry.FullName).Replace(Path.DirectorySeparatorChar, '/');
            if (SpecialFile.KindOf(entry) is { } kind)
            {
                skipped.Add($"{path} ({kind})");
                continue;
            }

            if (entry is not FileInfo file) continue;
            var blobName = $"{batch.Value}/{path}";
            if (IgnoreRules.IsIgnored(blobName, file.Length, ignored)) continue;
            if (!BatchName.FromBlob(blobName, options.BatchDepth, out var owner) || owner != batch)
            {
                throw new RefusedException(
                    FailureCodes.InvalidBatchName,
                    $"{blobName} would not belong to the batch \"{batch.Value}\": Pipeline:BatchDepth is {options.BatchDepth}.");
            }

            files.Add(new LocalFile(file.FullName, blobName, file.Length));
        }

        return files.Count > 0
            ? new FolderUpload(batch, files, skipped)
            : throw new RefusedException(
                FailureCodes.NoSuchFolder, $"There is no file in {root}.{(skipped.Count > 0 ? $" Not a file: {string.Join(", ", skipped)}." : "")}");
    }

    /// <summary>Returns the same upload without one file.</summary>
    public FolderUpload Without(string blobName) => new(Batch, [.. files.Where(f => f.BlobName != blobName)], Skipped);

    /// <summary>Uploads the smallest file once more, by which a host notices that the batch has to be looked at.</summary>
    public Task RepeatSmallestAsync(MediaAccount account, CancellationToken cancellationToken) =>
        UploadAsync(account, files.MinBy(f => f.Bytes)!, mark: null, reader: null, cancellationToken);

    /// <param name="account">The account whose inbox receives the files.</param>
    /// <param name="mark">The mark of the upload, which its files name; null for a batch that nobody else drops into.</param>
    /// <param name="reader">
    /// Keeps copies of the files where this process reads them next, so that it does not fetch from storage what it has just uploaded; null where
    /// another process reads them.
    /// </param>
    /// <param name="uploaded">Callback that receives the name of each uploaded file.</param>
    /// <param name="cancellationToken">Cancels the upload; files already uploaded remain.</param>
    public Task RunAsync(
        MediaAccount account, UploadMark? mark, InboxReader? reader, Action<string> uploaded, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            files,
            new ParallelOptions { MaxDegreeOfParallelism = ParallelFiles, CancellationToken = cancellationToken },
            async (file, token) =>
            {
                await UploadAsync(account, file, mark, reader, token);
                uploaded(file.BlobName);
            });

    private static async Task UploadAsync(
        MediaAccount account, LocalFile file, UploadMark? mark, InboxReader? reader, CancellationToken cancellationToken)
    {
        var options = new BlobUploadOptions { TransferOptions = Transfer, Metadata = mark?.FileMetadata };
        var blob = account.Inbox.GetBlobClient(file.BlobName);
        await using var original = new FileStream(
            file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        await using var copy = reader?.BeginCopy(file.BlobName, file.Bytes);

        // What is uploaded is the copy, so that both are the same even if the file is written to meanwhile.
        if (copy is not null && await copy.FillAsync(original, cancellationToken) is { } copied)
        {
            var stored = await blob.UploadAsync(copied, options, cancellationToken);
            await copy.KeepAsync(stored.Value.ETag.ToString());
            return;
        }

        original.Position = 0;
        await blob.UploadAsync(original, options, cancellationToken);
    }

    /// <summary>Lists the folder. Where a link leads to is not looked at, so that a link to a folder above ends nowhere.</summary>
    private static FileSystemEnumerable<FileSystemInfo> Entries(string root) =>
        new(root, (ref FileSystemEntry entry) => entry.ToFileSystemInfo(), Everything)
        {
            ShouldRecursePredicate = (ref FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
        };

    /// <param name="Path">Path on this machine.</param>
    /// <param name="BlobName">Name in the inbox.</param>
    /// <param name="Bytes">Size when the folder was listed.</param>
    private sealed record LocalFile(string Path, string BlobName, long Bytes);
}
