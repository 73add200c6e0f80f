using System.Text.Json.Serialization;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Web.Batches;

/// <summary>Progress of an item in the current run.</summary>
/// <param name="Index">Position in the run's inventory, from 0.</param>
/// <param name="Name">Name within the batch.</param>
/// <param name="Kind">Kind of the item, according to its content.</param>
/// <param name="Status">Status of the item.</param>
/// <param name="Code">Code of the failure; null without one.</param>
/// <param name="Steps">Steps that have ended.</param>
public sealed record ItemProgress(int Index, string Name, ItemKind Kind, ItemProgressStatus Status, string? Code, IReadOnlyList<StepEntry> Steps)
{
    private static readonly string[] Order = [
        StepNames.PrepareAudio, StepNames.TranscribeAudio, StepNames.ReadText, StepNames.OptimizeImage, StepNames.AnalyzeImage];

    /// <param name="item">The item.</param>
    /// <param name="steps">Its steps that have ended.</param>
    /// <param name="isSimilar">Whether it is a picture that is the same as another one, at which alone a model looks.</param>
    internal static ItemProgress Create(InventoryItem item, IReadOnlyList<StepProgress> steps, bool isSimilar)
    {
        var ended = steps.FirstOrDefault(s => s.Status != StepStatus.Succeeded);
        var code = item.Failure?.Code ?? ended?.Code;
        return new ItemProgress(item.Index, item.Name, item.Kind, StatusOf(item, steps, ended, isSimilar), code,
            [
                .. steps.OrderBy(s => s.Part).ThenBy(s => Array.IndexOf(Order, s.Step)).ThenBy(s => s.Tile)
                    .Select(s => new StepEntry(s.Step, s.Part, s.Status, s.Code, s.Tile)),
            ]);
    }

    private static ItemProgressStatus StatusOf(
        InventoryItem item, IReadOnlyList<StepProgress> steps, StepProgress? ended, bool isSimilar) => item switch
    {
        { Failure.Code: { } failed } when FailureCodes.MeansUnsupported(failed) => ItemProgressStatus.Unsupported,
        { Failure: not null } => ItemProgressStatus.Failed,
        { DuplicateOf: not null } => ItemProgressStatus.Duplicate,
        _ when isSimilar => ItemProgressStatus.Duplicate,
        { Kind: ItemKind.Unsupported } => ItemProgressStatus.Unsupported,
        _ => ended?.Status switch
        {
            StepStatus.Failed => ItemProgressStatus.Failed,
            StepStatus.Skipped => ItemProgressStatus.Skipped,
            StepStatus.Cancelled => ItemProgressStatus.Cancelled,
            _ => IsComplete(item.Kind, steps) ? ItemProgressStatus.Succeeded
                : steps.Count > 0 ? ItemProgressStatus.Running
                : ItemProgressStatus.Waiting,
        },
    };

    /// <summary>Whether the last step of each part is there. <see cref="BatchWorkflow"/> decides the order of steps.</summary>
    private static bool IsComplete(ItemKind kind, IReadOnlyList<StepProgress> steps)
    {
        return kind switch
        {
            ItemKind.Image => PartsAfter(StepNames.OptimizeImage) is { } pages && AreSeen(pages),
            ItemKind.Audio => PartsAfter(StepNames.PrepareAudio) is { } chunks && Count(StepNames.TranscribeAudio) >= chunks,
            ItemKind.Text => PartsAfter(StepNames.ReadText) is { } pages && AreSeen(pages),
            _ => true,
        };

        // Each picture says how many tiles there are of it.
        bool AreSeen(int pictures) => Count(StepNames.OptimizeImage) >= pictures
            && Count(StepNames.AnalyzeImage) >= steps.Where(s => s.Step == StepNames.OptimizeImage).Sum(s => s.Tiles);
        int Count(string step) => steps.Count(s => s.Step == step);
        int? PartsAfter(string step) => steps.FirstOrDefault(s => s.Step == step && s.Part == 0)?.Parts;
    }
}

/// <summary>A step of an item that has ended.</summary>
/// <param name="Step">Name of the step.</param>
/// <param name="Part">Part of the item, from 0.</param>
/// <param name="Status">Status of the step.</param>
/// <param name="Code">Code of the failure; null for success.</param>
/// <param name="Tile">Tile of an image that is sent in tiles, from 0; left out for 0.</param>
public sealed record StepEntry(
    string Step, int Part, StepStatus Status, string? Code, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Tile = 0);

/// <summary>Status of an item in the current run.</summary>
public enum ItemProgressStatus
{
    Waiting,
    Running,
    Succeeded,
    Failed,

    /// <summary>The engine for the item is off.</summary>
    Skipped,

    /// <summary>The content is of no supported kind.</summary>
    Unsupported,

    Cancelled,

    /// <summary>The item equals an earlier one, or is the same picture, encoded or resized differently; that one is processed in its place.</summary>
    Duplicate,
}
