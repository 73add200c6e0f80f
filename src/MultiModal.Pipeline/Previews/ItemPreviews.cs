using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Previews;

/// <summary>
/// What a run has left of an item that can be shown: its pictures as they were sent, and the waveform of a recording. Nothing is decoded or paid for
/// it, and of a run whose state is not kept any more there is nothing.
/// </summary>
public sealed class ItemPreviews(RunStore runs)
{
    /// <summary>Finds a picture of an image, or of a page of a document, as it was sent.</summary>
    /// <param name="run">The run.</param>
    /// <param name="index">Position of the item in the inventory, from 0. A duplicate shows the pictures of its original.</param>
    /// <param name="part">Which picture, from 0: pages follow each other, and so do the tiles of a page.</param>
    /// <param name="cancellationToken">Cancels looking.</param>
    /// <returns>The picture; null where there is none.</returns>
    public async Task<SentPicture?> FindSentAsync(RunReference run, int index, int part, CancellationToken cancellationToken)
    {
        if (await FindAsync(run, index, cancellationToken) is not { } item) return null;
        for (var page = 0; ; page++)
        {
            var record = await runs.ReadRecordAsync(item with { Part = page }, StepNames.OptimizeImage, cancellationToken);
            if (record is null) return null;

            // A page that could not be optimized was not sent.
            if (record is not { Status: StepStatus.Succeeded } || record.Read<OptimizedImageRecord>() is not { } image) continue;
            if (part < image.Pictures) return new SentPicture(image.OfTile(part).CacheName, image);
            part -= image.Pictures;
        }
    }

    /// <summary>Finds the waveform of a recording.</summary>
    /// <returns>The waveform; null where the item is no recording, or was prepared by a version that made none.</returns>
    public async Task<Loudness?> FindLoudnessAsync(RunReference run, int index, CancellationToken cancellationToken)
    {
        if (await FindAsync(run, index, cancellationToken) is not { } item) return null;
        var record = await runs.ReadRecordAsync(item, StepNames.PrepareAudio, cancellationToken);
        return record is { Status: StepStatus.Succeeded } && record.Read<PreparedAudioRecord>() is { Peaks: { } peaks } audio
            ? new Loudness(audio.Plan.DurationSeconds, Waveform.Read(peaks.Span))
            : null;
    }

    private async Task<ItemReference?> FindAsync(RunReference run, int index, CancellationToken cancellationToken) =>
        await runs.FindItemAsync(run, index, cancellationToken) is { } item ? new ItemReference(run, item.DuplicateOf ?? item.Index) : null;
}

/// <summary>A picture that was sent.</summary>
/// <param name="CacheName">Name of its blob in the cache container.</param>
/// <param name="Image">The image of which it is all, or a tile.</param>
public sealed record SentPicture(string CacheName, OptimizedImageRecord Image);

/// <summary>How loud a recording is, from its beginning to its end.</summary>
/// <param name="DurationSeconds">Duration of the recording, in seconds.</param>
/// <param name="Peaks">The loudest level of each of at most 1,000 stretches of the same length, from 0 to 1.</param>
public sealed record Loudness(double DurationSeconds, IReadOnlyList<double> Peaks);
