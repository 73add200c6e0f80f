using System.Globalization;
using Azure.Storage.Blobs;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Previews;
using MultiModal.Pipeline.Storage;
using MultiModal.Web.Batches;
using MultiModal.Web.Edge;

namespace MultiModal.Web.Previews;

/// <summary>Finds what can be shown of an item of a run.</summary>
public sealed class ItemViews(BatchDirectory directory, ItemPreviews previews, Thumbnails thumbnails, MediaAccount account)
{
    internal static Failure NoItem { get; } = new(
        ProblemCodes.ItemNotFound,
        "This run has no such item, or the item has nothing of this kind, or what the run left is not kept any more: that of the last two runs is.");

    private static Failure NoBatch { get; } = new(ProblemCodes.BatchNotFound, "There is no such batch.");

    private static Failure NoRun { get; } = new(ProblemCodes.RunNotFound, "There is no such run.");

    /// <summary>Finds a run that has begun.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="run">Number of the run, as it stands in an address.</param>
    /// <param name="cancellationToken">Cancels looking.</param>
    /// <returns>The run, <c>batch-not-found</c> or <c>run-not-found</c>.</returns>
    internal async Task<Outcome<RunReference>> FindRunAsync(BatchName batch, string run, CancellationToken cancellationToken)
    {
        if (await directory.FindAsync(batch, cancellationToken) is not { } state) return NoBatch;
        return TryNumber(run, out var runSeq) && runSeq >= 1 && runSeq <= state.RunSeq
            ? new RunReference(batch, runSeq, BatchSince: state.Since)
            : NoRun;
    }

    /// <summary>Finds the blob of a picture as it was sent, or of its thumbnail.</summary>
    /// <param name="run">The run.</param>
    /// <param name="item">Position of the item, as it stands in an address.</param>
    /// <param name="view">Which of the two.</param>
    /// <param name="part">Which picture of the item, from 0.</param>
    /// <param name="cancellationToken">Cancels looking.</param>
    /// <returns>The blob, or <c>item-not-found</c>.</returns>
    internal async Task<Outcome<BlobClient>> FindPictureAsync(
        RunReference run, string item, ItemView view, int part, CancellationToken cancellationToken)
    {
        if (!TryNumber(item, out var index) || await previews.FindSentAsync(run, index, part, cancellationToken) is not { } sent) return NoItem;
        if (view == ItemView.Sent) return account.Cache.GetBlobClient(sent.CacheName);
        return await thumbnails.FindAsync(sent, cancellationToken) is { } thumbnail ? thumbnail : NoItem;
    }

    /// <summary>Finds the waveform of a recording.</summary>
    /// <returns>The waveform, or <c>item-not-found</c>.</returns>
    internal async Task<Outcome<Loudness>> FindLoudnessAsync(RunReference run, string item, CancellationToken cancellationToken) =>
        TryNumber(item, out var index) && await previews.FindLoudnessAsync(run, index, cancellationToken) is { } loudness ? loudness : NoItem;

    private static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

/// <summary>What is shown of an image.</summary>
internal enum ItemView
{
    /// <summary>The picture as it was sent to the engine.</summary>
    Sent,

    /// <summary>A small one, for lists.</summary>
    Thumbnail,

    /// <summary>The picture of the report, which belongs to no item.</summary>
    Illustration,
}
