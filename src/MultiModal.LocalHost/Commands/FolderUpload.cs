using Azure.Storage;
using Azure.Storage.Blobs.Models;
using MultiModal.LocalHost.Hosting;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Storage;

namespace MultiModal.LocalHost.Commands;

/// <summary>
/// Uploads a folder into the inbox. Junk is left out and links are not followed. Files that the batch has and the folder lacks remain in
/// the batch.
/// </summary>
internal sealed class FolderUpload
{
    private const int ParallelFiles = 4;

    // Each file takes two blocks of 4 MiB in memory, however large it is.
    private static readonly StorageTransferOptions Transfer =
        new() { InitialTransferSize = 4 << 20, MaximumTransferSize = 4 << 20, MaximumConcurrency = 2 };

    private static readonly EnumerationOptions AllFiles =
        new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };

    private readonly IReadOnlyList<(string Path, string BlobName)> files;

    private FolderUpload(BatchName batch, IReadOnlyList<(string Path, string BlobName)> files) => (Batch, this.files) = (batch, files);

    public BatchName Batch { get; }

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

        var files = new List<(string, string)>();
        foreach (var path in Directory.EnumerateFiles(root, "*", AllFiles).Order(StringComparer.Ordinal))
        {
            var blobName = $"{batch.Value}/{Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/')}";
            if (IgnoreRules.IsIgnored(blobName, new FileInfo(path).Length, ignored)) continue;
            if (!BatchName.FromBlob(blobName, options.BatchDepth, out var owner) || owner != batch)
            {
                throw new RefusedException(
                    FailureCodes.InvalidBatchName,
                    $"{blobName} would not belong to the batch \"{batch.Value}\": Pipeline:BatchDepth is {options.BatchDepth}.");
            }

            files.Add((path, blobName));
        }

        return files.Count > 0
            ? new FolderUpload(batch, files)
            : throw new RefusedException(FailureCodes.NoSuchFolder, $"There is no file in {root}.");
    }

    /// <summary>Returns the same upload without one file.</summary>
    public FolderUpload Without(string blobName) => new(Batch, [.. files.Where(f => f.BlobName != blobName)]);

    /// <param name="account">The account whose inbox receives the files.</param>
    /// <param name="uploaded">Callback that receives the name of each uploaded file.</param>
    /// <param name="cancellationToken">Cancels the upload; files already uploaded remain.</param>
    public Task RunAsync(MediaAccount account, Action<string> uploaded, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        files,
        new ParallelOptions { MaxDegreeOfParallelism = ParallelFiles, CancellationToken = cancellationToken },
        async (file, token) =>
        {
            await account.Inbox.GetBlobClient(file.BlobName).UploadAsync(file.Path, new BlobUploadOptions { TransferOptions = Transfer }, token);
            uploaded(file.BlobName);
        });
}
