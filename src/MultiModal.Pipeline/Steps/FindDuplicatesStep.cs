using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Steps;

/// <summary>
/// <c>find-duplicates</c>: names the pictures of a run that are the same as an earlier one, over all slices. What it has found once, it finds again
/// whenever the run is resumed or replayed.
/// </summary>
internal sealed class FindDuplicatesStep(RunStore runs, DuplicatePictures duplicates) : IStep<DuplicateSearch, DuplicatesFound>
{
    public const string StepName = "find-duplicates";

    /// <summary>Without an answer, a model is asked about every picture that has not been named before.</summary>
    public static readonly Step<DuplicateSearch, DuplicatesFound> Definition = new(StepName) { Abandoned = _ => new DuplicatesFound(0, 0) };

    private const int ReadsAhead = 16;

    public string Name => StepName;

    public async Task<DuplicatesFound> RunAsync(DuplicateSearch input, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (await runs.ReadSimilarAsync(input.Run, input.Round, cancellationToken) is { } known) return Counted(known);
        if (await runs.IsCancelRequestedAsync(input.Run, cancellationToken)) return Counted(SimilarPictures.None);
        var found = input.Round == 0 ? await SearchAsync(input.Run, cancellationToken) : await ReleaseAsync(input, cancellationToken);
        return Counted(found is null ? SimilarPictures.None : await runs.WriteSimilarAsync(input.Run, input.Round, found, cancellationToken));
    }

    private async Task<SimilarPictures> SearchAsync(RunReference run, CancellationToken cancellationToken)
    {
        var header = await runs.ReadHeaderAsync(run, cancellationToken)
            ?? throw new InvalidOperationException("Pictures were to be compared before there was an inventory.");
        var items = new List<int>();
        await foreach (var item in runs.ReadItemsAsync(run, header.Count, cancellationToken))
        {
            if (item is { Kind: ItemKind.Image, Failure: null, DuplicateOf: null }) items.Add(item.Index);
        }

        return new SimilarPictures(await FindAsync(run, items, cancellationToken), Released: []);
    }

    /// <summary>
    /// Deals with the pictures whose representative failed: the first of them is looked at, and those that are the same as that one wait for it.
    /// </summary>
    /// <returns>Null where there are none.</returns>
    private async Task<SimilarPictures?> ReleaseAsync(DuplicateSearch search, CancellationToken cancellationToken)
    {
        if (await runs.ReadSimilarAsync(search.Run, search.Round - 1, cancellationToken) is not { } before) return null;
        var failed = new HashSet<int>();
        foreach (var representative in before.Pictures.Select(picture => picture.Of).Distinct())
        {
            if (await HasFailedAsync(search.Run, representative, cancellationToken)) failed.Add(representative);
        }

        var left = before.Pictures.Where(picture => failed.Contains(picture.Of)).Select(picture => picture.Index).ToList();
        if (left.Count == 0) return null;
        var again = search.Round == SimilarPictures.LastRound ? [] : await FindAsync(search.Run, left, cancellationToken);
        return new SimilarPictures(
            [.. before.Pictures.Where(picture => !failed.Contains(picture.Of)).Concat(again).OrderBy(picture => picture.Index)],
            Released: [.. left.Except(again.Select(picture => picture.Index))]);
    }

    private async Task<bool> HasFailedAsync(RunReference run, int index, CancellationToken cancellationToken)
    {
        var reference = new ItemReference(run, index);
        var optimized = await runs.ReadRecordAsync(reference, StepNames.OptimizeImage, cancellationToken);
        var analyzed = await runs.ReadRecordAsync(reference, StepNames.AnalyzeImage, cancellationToken);
        var records = new[] { optimized, analyzed }.OfType<StepRecord>().ToList();
        return ItemAssembler.Assemble(await runs.ReadItemAsync(reference, cancellationToken), records, cancelled: false).Status == ItemStatus.Failed;
    }

    private async Task<IReadOnlyList<SimilarPicture>> FindAsync(RunReference run, IReadOnlyList<int> items, CancellationToken cancellationToken)
    {
        var pictures = new List<(int, OptimizedImageRecord)>();
        foreach (var some in items.Chunk(ReadsAhead))
        {
            var records = await Task.WhenAll(
                some.Select(index => runs.ReadRecordAsync(new ItemReference(run, index), StepNames.OptimizeImage, cancellationToken)));
            pictures.AddRange(some.Zip(records.Select(record => record?.Read<OptimizedImageRecord>()))
                .Where(picture => picture.Second?.Sketch is not null).Select(picture => (picture.First, picture.Second!)));
        }

        return await duplicates.FindAsync(run.Batch, pictures, cancellationToken);
    }

    private static DuplicatesFound Counted(SimilarPictures found) => new(found.Pictures.Count, found.Released.Count);
}
