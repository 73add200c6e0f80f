using System.Globalization;
using MultiModal.LocalHost.Hosting;
using MultiModal.LocalHost.Registration;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;
using Spectre.Console;

namespace MultiModal.LocalHost.Commands;

/// <summary>Lists batches: a table for people, or tab-separated lines for programs.</summary>
internal sealed class StatusCommand(IAnsiConsole console)
{
    public async Task<int> RunAsync(string? batchName, IEnumerable<string> settings, CancellationToken cancellationToken)
    {
        using var tool = ToolHost.Build(console, settings);
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
        if (console.Profile.Out.IsTerminal) console.Write(view.Render());
        else console.WriteLine(view.ToString());
        if (BatchHold.Of(state.Phase, state.HeldFor, state.IsEmpty) is { } hold) console.WriteLine($"{hold.Code}: {hold.Message}");
        return ExitCode.Success;
    }

    private async Task ListAsync(BatchStore store, CancellationToken cancellationToken)
    {
        var table = new Table().AddColumns("batch", "phase", "run", "status", "finished").RoundedBorder();
        foreach (var card in await store.ListAsync(prefix: null, after: null, cancellationToken))
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
