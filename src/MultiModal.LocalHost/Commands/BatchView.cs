using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;
using MultiModal.Web.Batches;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MultiModal.LocalHost.Commands;

/// <summary>A batch as the command line shows it: its state, and the progress of the current run.</summary>
/// <param name="State">The stored state.</param>
/// <param name="Items">Number of items of the latest run; null before its inventory is taken.</param>
/// <param name="Steps">Steps of the latest run that have ended, by name, with their number and the number of those without success.</param>
internal sealed record BatchView(BatchState State, int? Items, IReadOnlyList<(string Step, int Ended, int NotSucceeded)> Steps)
{
    public static async Task<BatchView> ReadAsync(BatchState state, RunStore runs, CancellationToken cancellationToken)
    {
        var run = new RunReference(state.Batch, state.RunSeq, BatchSince: state.Since);
        var header = state.RunSeq == 0 ? null : await runs.ReadHeaderAsync(run, cancellationToken);
        var ended = new SortedDictionary<string, (int Ended, int NotSucceeded)>(StringComparer.Ordinal);
        if (header is not null)
        {
            await foreach (var step in runs.ListProgressAsync(run, cancellationToken))
            {
                var (count, failed) = ended.GetValueOrDefault(step.Step);
                ended[step.Step] = (count + 1, failed + (step.Status == StepStatus.Succeeded ? 0 : 1));
            }
        }

        return new BatchView(state, header?.Count, [.. ended.Select(s => (s.Key, s.Value.Ended, s.Value.NotSucceeded))]);
    }

    /// <summary>Why the batch is held; null unless it is.</summary>
    public BatchHold? Hold => BatchHold.Of(State.Phase, State.HeldFor, State.IsEmpty);

    /// <summary>The batch for programs, in the words of the API.</summary>
    public object ToResult() => new
    {
        State.Batch,
        Status = BatchStatuses.From(State.Phase, State.LastStatus, State.IsEmpty),
        Hold,
        State.RunSeq,
        State.LastStatus,
        State.StartedAt,
        State.FinishedAt,
        Items,
        Steps = Steps.Select(s => new { s.Step, s.Ended, s.NotSucceeded }),
    };

    /// <summary>Formats the batch on one line.</summary>
    public override string ToString() =>
        $"{Headline}{string.Concat(Steps.Select(s => $", {s.Step} {s.Ended}{(s.NotSucceeded > 0 ? $" ({s.NotSucceeded} not succeeded)" : "")}"))}";

    public IRenderable Render()
    {
        var table = new Table().Title(Markup.Escape(Headline)).AddColumn("step").AddColumn("ended").AddColumn("not succeeded").RoundedBorder();
        foreach (var (step, ended, failed) in Steps) table.AddRow(step, $"{ended}", failed > 0 ? $"[red]{failed}[/]" : "0");
        return table;
    }

    private string Headline => $"{VisibleText.Of(State.Batch.Value)}: {PhaseText}{(Items is { } count ? $", {count} items" : "")}";

    private string PhaseText => State.Phase switch
    {
        BatchPhase.Running => $"run {State.RunSeq} under way",
        BatchPhase.Quiet => "waiting for more files",
        BatchPhase.Held when State.IsEmpty => "no files are left",
        BatchPhase.Held when State.HeldFor == HoldReason.Upload => "held until its upload is completed or it is started",
        BatchPhase.Held => "held until it is started",
        _ when State.IsEmpty => "no files are left",
        _ => State.LastStatus is { } status ? $"run {State.RunSeq} {Words(status)}" : "nothing to do",
    };

    public static string Words(RunStatus status) => status switch
    {
        RunStatus.Succeeded => "succeeded",
        RunStatus.PartiallySucceeded => "partially succeeded",
        RunStatus.Failed => "failed",
        _ => "was cancelled",
    };
}
