using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline;

/// <summary>Configuration section <c>Pipeline</c>: batches, and the steps of their runs.</summary>
public sealed class PipelineOptions
{
    public const string Section = "Pipeline";

    /// <summary>Number of leading folders that name a batch.</summary>
    [Range(1, 8, ErrorMessage = "Pipeline:BatchDepth must be from 1 to 8.")]
    public int BatchDepth { get; set; } = 1;

    /// <summary>How long nothing may be dropped before a run starts. If unset, it is 5 s on Azurite and 30 s elsewhere.</summary>
    public TimeSpan? QuietPeriod { get; set; }

    /// <summary>
    /// Names of junk, which is counted as ignored and is never an item. They are compared with the last part of a blob's name, regardless of case,
    /// and <c>*</c> stands for anything. If unset, they are <c>.DS_Store</c>, <c>._*</c>, <c>Thumbs.db</c>, <c>desktop.ini</c>, <c>~$*</c> and
    /// <c>*.tmp</c>.
    /// </summary>
    public IList<string> Ignore { get; } = [];

    /// <summary>Folder for the originals that steps are working on. If unset, it is a private folder below the system's temporary folder.</summary>
    public string? TempFolder { get; set; }

    /// <summary>
    /// How many times the local host runs the same step at a time, for each step. On the Functions host, <c>maxConcurrentActivityFunctions</c> of
    /// host.json decides.
    /// </summary>
    [Range(1, 1024, ErrorMessage = "Pipeline:MaxParallelSteps must be from 1 to 1024.")]
    public int MaxParallelSteps { get; set; } = 16;

    /// <summary>
    /// How much work that keeps a core busy a process does at a time: decoding images, documents and recordings, reading text in images offline,
    /// transcribing offline. Short work goes before long work, and batches take turns. If unset, it is the number of cores.
    /// </summary>
    [Range(1, 1024, ErrorMessage = "Pipeline:CpuPlaces must be from 1 to 1,024.")]
    public int? CpuPlaces { get; set; }

    /// <summary>Number of blobs that are hashed at a time while an inventory is taken.</summary>
    [Range(1, 64, ErrorMessage = "Pipeline:MaxParallelHashes must be from 1 to 64.")]
    public int MaxParallelHashes { get; set; } = 8;

    /// <summary>How long one step may take, including the time in which it waits for an engine.</summary>
    public TimeSpan StepTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Number of attempts at a step that a fault of storage or of the host breaks.</summary>
    [Range(1, 20, ErrorMessage = "Pipeline:StepAttempts must be from 1 to 20.")]
    public int StepAttempts { get; set; } = 4;

    /// <summary>The wait before the second of these attempts. It doubles with each further one.</summary>
    public TimeSpan StepRetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <param name="onAzurite">Whether the storage account is an emulated one.</param>
    public TimeSpan QuietPeriodFor(bool onAzurite) => QuietPeriod ?? TimeSpan.FromSeconds(onAzurite ? 5 : 30);
}
