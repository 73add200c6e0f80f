using System.Globalization;
using MultiModal.LocalHost.Hosting;
using MultiModal.LocalHost.Registration;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Costs;
using Spectre.Console;

namespace MultiModal.LocalHost.Commands;

/// <summary>Prints sums of the ledger.</summary>
internal sealed class CostsCommand(CommandOutput output)
{
    private const int DefaultDays = 30;

    private static readonly string[] Columns = ["calls", "spent", "under way", "unknown", "saved by optimizing", "saved by cache", "unpriced calls"];

    public async Task<int> RunAsync(DateOnly? from, DateOnly? to, CostGrouping by, IEnumerable<string> settings, CancellationToken cancellationToken)
    {
        using var tool = ToolHost.Build(output.Console, settings);
        await tool.Services.OpenAccountAsync(cancellationToken);
        var last = to ?? DateOnly.FromDateTime(tool.Services.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime);
        var first = from ?? last.AddDays(1 - DefaultDays);
        if (first > last) throw new RefusedException(FailureCodes.InvalidSetting, "--from must not be after --to.");
        var costs = await tool.Services.GetRequiredService<CostLedger>().SumAsync(first, last, by, cancellationToken);
        output.Write(costs, console => Show(console, costs));
        return ExitCode.Success;
    }

    private static void Show(IAnsiConsole console, CostSummary costs)
    {
        var rows = costs.Rows.Append(new CostRow("total", costs.Total)).Select(row => (string[])[VisibleText.Of(row.Key), .. Cells(row.Sum)]);
        if (!console.Profile.Out.IsTerminal)
        {
            foreach (var row in rows) console.Profile.Out.Writer.WriteLine(string.Join('\t', row));
            return;
        }

        var table = new Table().AddColumns([costs.By.ToString().ToLowerInvariant(), .. Columns]).RoundedBorder().Caption("USD");
        foreach (var row in rows) table.AddRow([.. row.Select(Markup.Escape)]);
        console.Write(table);
    }

    private static string[] Cells(CostTotal sum) =>
    [
        sum.Calls.ToString(CultureInfo.InvariantCulture),
        Usd(sum.SpentUsd),
        Usd(sum.ReservedUsd),
        Usd(sum.UnknownUsd),
        Usd(sum.SavedByOptimizingUsd),
        Usd(sum.SavedByCacheUsd),
        sum.Unpriced.ToString(CultureInfo.InvariantCulture),
    ];

    private static string Usd(decimal amount) => amount.ToString("0.00####", CultureInfo.InvariantCulture);
}
