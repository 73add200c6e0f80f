using System.Globalization;
using MultiModal.LocalHost.Hosting;
using MultiModal.LocalHost.Registration;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;
using MultiModal.Web.Batches;
using Spectre.Console;

namespace MultiModal.LocalHost.Commands;

/// <summary>Lists batches, or shows one.</summary>
internal sealed class StatusCommand(CommandOutput output)
{
    public async Task<int> RunAsync(string? batchName, IEnumerable<string> settings, CancellationToken cancellationToken)
    {
        using var tool = ToolHost.Build(output.Console, settings);
        await tool.Services.OpenAccountAsync(cancellationToken);
        var store = tool.Services.GetRequiredService<BatchStore>();
        if (batchName is null)
        {
            await ListAsync(store, cancellationToken);
            return ExitCode.Success;
        }

        var state = BatchName.TryParse(batchName, out var batch) ? (await store.ReadAsync(batch, cancellationToken))?.Value : null;
        if (state is null) throw new RefusedException(FailureCodes.BatchNotFound, $"There is no batch \"{batchName}\".");
        var view = await BatchView.ReadAsync(state, tool.Services.GetRequiredService<RunStore>(), cancellationToken);
        output.Write(view.ToResult(), console => Show(console, view));
        return ExitCode.Success;
    }

    private static void Show(IAnsiConsole console, BatchView view)
    {
        if (console.Profile.Out.IsTerminal) console.Write(view.Render());
        else console.WriteLine(view.ToString());
        if (view.Hold is { } hold) console.WriteLine($"{hold.Code}: {hold.Message}");
    }

    private async Task ListAsync(BatchStore store, CancellationToken cancellationToken)
    {
        var cards = await store.ListAsync(prefix: null, after: null, cancellationToken);
        output.Write(new { Batches = cards.Select(BatchSummary.FromCard) }, console => Show(console, cards));
    }

    private static void Show(IAnsiConsole console, IEnumerable<BatchCard> cards)
    {
        var table = new Table().AddColumns("batch", "phase", "run", "status", "finished").RoundedBorder();
        foreach (var card in cards)
        {
            string[] cells =
            [
                VisibleText.Of(card.Batch.Value),
                card.Phase.ToString().ToLowerInvariant(),
                card.RunSeq.ToString(CultureInfo.InvariantCulture),
                card.LastStatus is { } status ? BatchView.Words(status) : "",
                card.FinishedAt?.ToString("u", CultureInfo.InvariantCulture) ?? "",
            ];
            if (console.Profile.Out.IsTerminal) table.AddRow([.. cells.Select(Markup.Escape)]);
            else console.Profile.Out.Writer.WriteLine(string.Join('\t', cells));
        }

        if (console.Profile.Out.IsTerminal) console.Write(table);
    }
}
