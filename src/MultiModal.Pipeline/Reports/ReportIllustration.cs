using System.Globalization;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Reports;

/// <summary>The picture of a report for which the batch asked, or the reason why there is none.</summary>
public sealed record ReportIllustration
{
    public required StepStatus Status { get; init; }

    /// <summary>Reason why there is no picture; null if there is one.</summary>
    public ReportError? Error { get; init; }

    /// <summary>Path of the picture, relative to the batch's folder of results.</summary>
    public string? File { get; init; }

    /// <summary><c>image/png</c> or <c>image/jpeg</c>.</summary>
    public string? MediaType { get; init; }

    /// <summary>Width in pixels.</summary>
    public int? Width { get; init; }

    /// <summary>Height in pixels.</summary>
    public int? Height { get; init; }

    /// <summary>Size of the file.</summary>
    public long? Bytes { get; init; }

    /// <summary>Hash of the file.</summary>
    public ContentHash? ContentHash { get; init; }

    /// <summary>What it was asked to show, word for word.</summary>
    public string? Prompt { get; init; }

    /// <summary>The size that was asked for.</summary>
    public string? Size { get; init; }

    /// <summary>The quality that was asked for.</summary>
    public string? Quality { get; init; }

    /// <summary>The step that made it, in this run; null if it was never done.</summary>
    public ReportStep? Step { get; init; }

    /// <param name="run">The run.</param>
    /// <param name="record">Record of the step; null if it left none.</param>
    /// <param name="cancelled">Whether the run was cancelled.</param>
    internal static ReportIllustration Create(RunReference run, StepRecord? record, bool cancelled)
    {
        if (record is null)
        {
            return new ReportIllustration
            {
                Status = cancelled ? StepStatus.Cancelled : StepStatus.Failed,
                Error = cancelled
                    ? new ReportError(FailureCodes.Cancelled, "The run was cancelled before the illustration.")
                    : new ReportError(FailureCodes.StepAbandoned, "The illustration was not made. Start the batch again."),
            };
        }

        var picture = record.Status == StepStatus.Succeeded ? record.Read<Illustration>() : null;
        return new ReportIllustration
        {
            Status = record.Status,
            Error = ReportError.FromFailure(record.Failure),
            File = picture is null ? null : string.Create(CultureInfo.InvariantCulture, $"runs/{run.RunSeq}/{picture.FileName}"),
            MediaType = picture?.MediaType,
            Width = picture?.Width,
            Height = picture?.Height,
            Bytes = picture?.Bytes,
            ContentHash = picture?.Hash,
            Prompt = picture?.Prompt,
            Size = picture?.Size,
            Quality = picture?.Quality,
            Step = ReportedItem.Step(hasPages: false, record, isTiled: false),
        };
    }
}
