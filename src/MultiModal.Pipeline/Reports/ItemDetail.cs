using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;

namespace MultiModal.Pipeline.Reports;

/// <summary><c>items/{n}.json</c> of a run: what is too long for its report.</summary>
/// <param name="SchemaVersion">That of the report.</param>
/// <param name="Batch">The batch.</param>
/// <param name="RunSeq">The run.</param>
/// <param name="Name">The item's name in the batch.</param>
/// <param name="Kind">What the item is.</param>
/// <param name="Image">Of an image.</param>
/// <param name="Audio">Of a recording.</param>
/// <param name="Text">Of a text.</param>
public sealed record ItemDetail(
    int SchemaVersion,
    BatchName Batch,
    int RunSeq,
    string Name,
    ItemKind Kind,
    ImageAnalysis? Image,
    AudioDetail? Audio,
    string? Text);
