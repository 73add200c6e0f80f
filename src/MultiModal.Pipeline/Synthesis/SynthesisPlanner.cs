using System.Runtime.CompilerServices;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Text;

namespace MultiModal.Pipeline.Synthesis;

/// <summary>Plans a run's synthesis tree level by level. Planning a level again gives the same plan.</summary>
public sealed class SynthesisPlanner(RunStore runs)
{
    // Texts of up to this many characters in total are kept between weighing and writing; texts beyond that are read twice.
    private const int KeptCharacters = 16 << 20;
    private const int NodesAhead = 16;

    private static readonly Failure Nothing = new(FailureCodes.NothingToSynthesize, "No item of the batch has any content to summarize.");

    /// <param name="level">The level: 0 covers the items, and each further one the documents of the level below.</param>
    /// <param name="inputTokens">Maximum size of a group, in tokens of the text engine.</param>
    /// <param name="stopped">Reason why this run makes no synthesis (<c>superseded</c>, <c>cancelled</c>); null if it makes one.</param>
    /// <param name="cancellationToken">Cancels the planning; planning again starts over.</param>
    /// <returns>The plan, with 0 groups if there is nothing to do; the outline then contains the reason.</returns>
    public async Task<SynthesisPlan> PlanAsync(SynthesisLevel level, int inputTokens, Failure? stopped, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(level);
        var header = await runs.ReadHeaderAsync(level.Run, cancellationToken)
            ?? throw new InvalidOperationException("A synthesis was asked for before there was an inventory.");
        var limit = Math.Max(inputTokens, SynthesisTree.LeastTokens);
        var below = level.Level == 0
            ? new SynthesisOutline([], null, [])
            : await runs.ReadDocumentAsync<SynthesisOutline>(level.Run, SynthesisOutline.DocumentName, cancellationToken)
                ?? throw new InvalidOperationException("A level of the synthesis was planned before the one below it.");
        below = new SynthesisOutline(below.Levels.Take(level.Level).ToList(), null, below.Lost.Where(l => l.Level < level.Level - 1).ToList());

        var outline = stopped is not null ? below with { Levels = [.. below.Levels, 0], Reason = stopped }
            : level.Level == 0 ? await PlanItemsAsync(level.Run, header, limit, cancellationToken)
            : await PlanNodesAsync(level, below, limit, cancellationToken);
        await runs.WriteDocumentAsync(level.Run, SynthesisOutline.DocumentName, outline, cancellationToken);
        return new SynthesisPlan(outline.Levels[^1]);
    }

    private async Task<SynthesisOutline> PlanItemsAsync(RunReference run, InventoryHeader header, int limit, CancellationToken cancellationToken)
    {
        var pieces = new List<Piece>();
        var kept = 0L;
        await foreach (var (item, records) in runs.ReadItemsWithRecordsAsync(run, header.Count, cancellationToken))
        {
            var number = 0;
            foreach (var read in InputsOf(item, records, limit))
            {
                var length = read.Input.Text.Length + (read.Former?.Length ?? 0);
                var keep = kept + length <= KeptCharacters;
                if (keep) kept += length;
                pieces.Add(new Piece(item.Index, number++, SynthesisTree.Weigh(read.Input), keep ? read : null));
            }
        }

        var groups = SynthesisTree.Group(pieces.ConvertAll(p => p.Weight), limit);
        if (groups.Count == 0) return new SynthesisOutline([0], Nothing, []);

        var inputs = ReadAsync(run, pieces, limit, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (inputs)
        {
            for (var group = 0; group < groups.Count; group++)
            {
                var (_, count) = groups[group].GetOffsetAndLength(pieces.Count);
                var read = new List<ReadInput>(count);
                while (read.Count < count && await inputs.MoveNextAsync()) read.Add(inputs.Current);
                var members = read.ConvertAll(r => r.Input);
                var known = groups.Count == 1 && count == 1 && SpeaksForItself(members[0], header.Options) ? SingleItem.DocumentOf(members[0]) : null;
                await WriteGroupAsync(new SynthesisNode(run, 0, group), new SynthesisGroup(members, known, FormerHash(read)), cancellationToken);
            }
        }

        return new SynthesisOutline([groups.Count], null, []);
    }

    private async Task<SynthesisOutline> PlanNodesAsync(SynthesisLevel level, SynthesisOutline below, int limit, CancellationToken cancellationToken)
    {
        var documents = new List<SynthesisDocument>();
        var lost = below.Lost.ToList();
        foreach (var chunk in Enumerable.Range(0, below.Levels[^1]).Chunk(NodesAhead))
        {
            var records = await Task.WhenAll(
                chunk.Select(group => runs.ReadNodeRecordAsync(new SynthesisNode(level.Run, level.Level - 1, group), cancellationToken)));
            for (var i = 0; i < chunk.Length; i++)
            {
                var outcome = NodeOutcome.Read(records[i]);
                if (outcome.Succeeded) documents.Add(outcome.Value);
                else lost.Add(new LostNode(level.Level - 1, chunk[i], outcome.Failure));
            }
        }

        if (documents.Count == 0) return new SynthesisOutline([.. below.Levels, 0], lost.Count > 0 ? lost[^1].Failure : Nothing, lost);
        var inputs = documents.ConvertAll(d => SynthesisTree.Summarized(d, limit));
        var groups = SynthesisTree.Group(inputs.ConvertAll(SynthesisTree.Weigh), limit);
        for (var group = 0; group < groups.Count; group++)
        {
            // If all its siblings were lost, the one remaining document is the result.
            var known = documents.Count == 1 ? documents[0] : null;
            await WriteGroupAsync(
                new SynthesisNode(level.Run, level.Level, group), new SynthesisGroup(inputs[groups[group]], known), cancellationToken);
        }

        return new SynthesisOutline([.. below.Levels, groups.Count], null, lost);
    }

    /// <summary>
    /// Writes a group. In a resumed run, an item that failed before may have succeeded; an answer made of other inputs is then no longer
    /// valid.
    /// </summary>
    private async Task WriteGroupAsync(SynthesisNode node, SynthesisGroup group, CancellationToken cancellationToken)
    {
        var there = await runs.ReadPlannedGroupAsync<SynthesisGroup>(node, cancellationToken);
        if (there is not null && there.Hash() != group.Hash()) await runs.DeleteNodeRecordAsync(node, cancellationToken);
        await runs.WriteGroupAsync(node, group, cancellationToken);
    }

    /// <summary>Reads the inputs of all pieces in order; those that were not kept are read from storage again.</summary>
    private async IAsyncEnumerable<ReadInput> ReadAsync(
        RunReference run, List<Piece> pieces, int limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var read = (Item: -1, Inputs: new List<ReadInput>());
        foreach (var piece in pieces)
        {
            if (piece.Kept is { } kept)
            {
                yield return kept;
                continue;
            }

            if (read.Item != piece.Item)
            {
                var reference = new ItemReference(run, piece.Item);
                var item = await runs.ReadItemAsync(reference, cancellationToken);
                read = (piece.Item, InputsOf(item, await runs.ReadRecordsAsync(reference, cancellationToken), limit).ToList());
            }

            yield return read.Inputs[piece.Number];
        }
    }

    private static ContentHash? FormerHash(List<ReadInput> inputs) => inputs.TrueForAll(i => i.Former is null)
        ? null
        : SynthesisGroup.HashOf(inputs.ConvertAll(i => i.Former is { } former ? i.Input with { Text = former } : i.Input));

    private static IEnumerable<ReadInput> InputsOf(InventoryItem item, IReadOnlyList<StepRecord> records, int limit)
    {
        if (item.DuplicateOf is not null || ItemAssembler.TextOf(ItemAssembler.Assemble(item, records, cancelled: false)) is not { } text) return [];
        var kind = item.Kind switch { ItemKind.Image => "image", ItemKind.Audio => "audio", _ => "text" };
        var inputs = SynthesisTree.Fit(new SynthesisInput(item.Name, kind, text), limit).ToList();
        return inputs is [var whole] && FormerTextOf(item, records) is { } former
            && SynthesisTree.Fit(new SynthesisInput(item.Name, kind, former), limit).Take(2).ToList() is [var formerWhole]
            ? [new ReadInput(whole, formerWhole.Text)]
            : inputs.Select(input => new ReadInput(input, null));
    }

    private static string? FormerTextOf(InventoryItem item, IReadOnlyList<StepRecord> records) => item.MediaType == TextShape.Html
        ? records.FirstOrDefault(r => r.Step == StepNames.ReadText)?.Read<TextContent>()?.Former?.Trim()
        : null;

    /// <summary>Whether an input is its own summary. Wishes of the batch (another language, minutes of a meeting) always need an engine.</summary>
    private static bool SpeaksForItself(SynthesisInput input, BatchOptions options) =>
        options is { Instructions: null, Language: null } && SingleItem.IsShort(input);

    private sealed record Piece(int Item, int Number, SynthesisWeight Weight, ReadInput? Kept);

    /// <param name="Input">The input.</param>
    /// <param name="Former">Its text as versions before 1.1.0 read it; null if that is the same, or was divided.</param>
    private sealed record ReadInput(SynthesisInput Input, string? Former);
}
