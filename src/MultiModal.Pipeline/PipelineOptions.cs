using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline;

/// <summary>Configuration section <c>Pipeline</c>.</summary>
public sealed class PipelineOptions
{
    public const string Section = "Pipeline";

    /// <summary>How many leading folders name a batch. Default 1.</summary>
    [Range(1, 8, ErrorMessage = "Pipeline:BatchDepth is 1 to 8.")]
    public int BatchDepth { get; set; } = 1;

    /// <summary>How long nothing must have been dropped before a run starts. Default 5 s on Azurite, 30 s otherwise.</summary>
    public TimeSpan? QuietPeriod { get; set; }

    /// <summary>
    /// Names that are junk: counted as ignored, never an item, never a failure. Matched against the last part of a blob's
    /// name, regardless of case; <c>*</c> stands for anything.
    /// </summary>
    public IList<string> Ignore { get; } = [];

    /// <summary>Where originals lie while a step works on them. Default: a private folder below the system's temporary folder.</summary>
    public string? TempFolder { get; set; }

    /// <summary>Steps of one process under way at a time. Default 16.</summary>
    [Range(1, 1024, ErrorMessage = "Pipeline:MaxParallelSteps is 1 to 1024.")]
    public int MaxParallelSteps { get; set; } = 16;

    /// <summary>Blobs hashed at a time while an inventory is taken. Default 8.</summary>
    [Range(1, 64, ErrorMessage = "Pipeline:MaxParallelHashes is 1 to 64.")]
    public int MaxParallelHashes { get; set; } = 8;

    /// <summary>How long a single step may take, waiting for an engine included. Default 30 minutes.</summary>
    public TimeSpan StepTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Tries of a step that a fault of storage or host breaks. Default 4.</summary>
    [Range(1, 20, ErrorMessage = "Pipeline:StepAttempts is 1 to 20.")]
    public int StepAttempts { get; set; } = 4;

    /// <summary>The first wait between such tries; it doubles each time. Default 1 s.</summary>
    public TimeSpan StepRetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <param name="onAzurite">Whether the storage account is an emulated one.</param>
    public TimeSpan QuietPeriodFor(bool onAzurite) => QuietPeriod ?? TimeSpan.FromSeconds(onAzurite ? 5 : 30);
}
