using System.CommandLine;
using System.Runtime.InteropServices;
using MultiModal.LocalHost.Hosting;
using MultiModal.LocalHost.Serving;
using MultiModal.Pipeline.Costs;
using Spectre.Console;

namespace MultiModal.LocalHost.Commands;

/// <summary>The command line: <c>serve</c> (the default), <c>run</c>, <c>status</c>, <c>report</c>, <c>costs</c>, <c>estimate</c>, <c>doctor</c>.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        using var interrupted = new CancellationTokenSource();
        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);

        // Lines for a program or a file must not be wrapped, however long they are.
        var errors = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        foreach (var console in new[] { AnsiConsole.Console, errors }) if (!console.Profile.Out.IsTerminal) console.Profile.Width = 10_000;

        // This process handles the signals itself, because the parser's own handling would end it after two seconds.
        var result = Commands(AnsiConsole.Console, errors).Parse(args);
        var exitCode = await result.InvokeAsync(
            new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false }, interrupted.Token);
        return result.Errors.Count > 0 ? ExitCode.Usage : exitCode;

        void Interrupt(PosixSignalContext context)
        {
            context.Cancel = true;
            interrupted.Cancel();
        }
    }

    public static RootCommand Commands(IAnsiConsole console, IAnsiConsole errors)
    {
        var settings = new Option<string[]>("--set")
        {
            Description = "A setting that overrides appsettings.json and the environment, such as --set "
                + "Storage:ConnectionString=UseDevelopmentStorage=true. This option can be given several times.",
            HelpName = "Section:Key=value",
            Recursive = true,
            DefaultValueFactory = _ => [],
        };
        var verbose = new Option<bool>(
            "--verbose") { Description = "Writes the details of an error as well, for a bug report.", Recursive = true };
        var format = new Option<OutputFormat>(
            "--output") { Description = "What the result is written as: text for people, or json for programs (docs/command-line.schema.json)." };
        var root = new RootCommand(
            "Drop images, recordings and documents into a storage container, and get back one synthesized, costed report per batch.") {
                settings, verbose };
        root.SetAction(Guarded((parsed, cancellationToken) => ServeAsync(parsed.GetValue(settings)!, cancellationToken)));

        var serve = new Command("serve", "Watches the inbox, runs batches and serves HTTP until it is stopped. This is the default command.");
        serve.SetAction(Guarded((parsed, cancellationToken) => ServeAsync(parsed.GetValue(settings)!, cancellationToken)));
        root.Subcommands.Add(serve);

        var folder = new Argument<string>("folder") { Description = "The folder with the files." };
        var batchName = new Option<string?>("--batch") { Description = "Name of the batch. The default is the name of the folder." };
        var output = new Option<string?>(
            "--out") {
                Description = "Folder for report.json and report.md. By default they are written beside the folder, as <folder>.report.json and "
                    + "<folder>.report.md." };
        var run = new Command(
            "run",
            "Uploads a folder as a batch, runs it, and writes its report. The exit code is 0 if the run succeeded, 1 if it succeeded in part, and "
                + "2 if it failed or was cancelled.") { folder, batchName, output, format };
        run.SetAction(Guarded((parsed, cancellationToken) => new RunCommand(Output(parsed)).RunAsync(
            parsed.GetValue(folder)!, parsed.GetValue(batchName), parsed.GetValue(output), parsed.GetValue(settings)!, cancellationToken)));
        root.Subcommands.Add(run);

        var batch = new Argument<string?>(
            "batch") { Description = "The batch to show, with its progress. Without it, all batches are listed.", Arity = ArgumentArity.ZeroOrOne };
        var status = new Command("status", "Lists the batches, or shows one.") { batch, format };
        status.SetAction(Guarded((parsed, cancellationToken) =>
            new StatusCommand(Output(parsed)).RunAsync(parsed.GetValue(batch), parsed.GetValue(settings)!, cancellationToken)));
        root.Subcommands.Add(status);

        var reported = new Argument<string>("batch") { Description = "The batch." };
        var runSeq = new Option<int?>("--run") { Description = "Number of the run. The default is the latest run that has a report." };
        var report = new Command("report", "Writes a stored report to standard output: report.md, or report.json with --output json.") {
            reported, runSeq, format };
        report.SetAction(Guarded(async (parsed, cancellationToken) =>
        {
            await using var target = Console.OpenStandardOutput();
            return await new ReportCommand(Output(parsed), parsed.GetValue(format), target).RunAsync(
                parsed.GetValue(reported)!, parsed.GetValue(runSeq), parsed.GetValue(settings)!, cancellationToken);
        }));
        root.Subcommands.Add(report);

        var from = new Option<DateOnly?>(
            "--from") { Description = "First day (UTC), such as 2026-01-31. The default is 29 days before the last day." };
        var to = new Option<DateOnly?>("--to") { Description = "Last day (UTC). The default is today." };
        var by = new Option<CostGrouping>(
            "--by") { Description = "What the rows are: day, batch, step or model.", DefaultValueFactory = _ => CostGrouping.Day };
        var costs = new Command("costs", "Sums up what was spent and saved.") { from, to, by, format };
        costs.SetAction(Guarded((parsed, cancellationToken) => new CostsCommand(Output(parsed)).RunAsync(
            parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(by), parsed.GetValue(settings)!, cancellationToken)));
        root.Subcommands.Add(costs);

        var priced = new Argument<string>("folder") { Description = "The folder with the files." };
        var estimate = new Command("estimate", "Says what running a folder as a batch would cost, without asking a model.") { priced, format };
        estimate.SetAction(Guarded((parsed, cancellationToken) =>
            new EstimateCommand(Output(parsed)).RunAsync(parsed.GetValue(priced)!, parsed.GetValue(settings)!, cancellationToken)));
        root.Subcommands.Add(estimate);

        var doctor = new Command(
            "doctor",
            "Checks storage, engines and programs, and says how to get what is missing. The exit code is 2 if a configured model ends within 60 days "
                + "or has ended, and otherwise 1 if something is missing.") { format };
        doctor.SetAction(Guarded((parsed, cancellationToken) => new DoctorCommand(Output(parsed)).RunAsync(parsed.GetValue(settings)!, cancellationToken)));
        root.Subcommands.Add(doctor);
        return root;

        CommandOutput Output(ParseResult parsed) => new(console, errors, parsed.GetValue(format) == OutputFormat.Json);

        Func<ParseResult, CancellationToken, Task<int>> Guarded(Func<ParseResult, CancellationToken, Task<int>> command) =>
            (parsed, cancellationToken) =>
                CommandGuard.RunAsync(() => command(parsed, cancellationToken), parsed.GetValue(verbose), Console.Error, cancellationToken);
    }

    private static async Task<int> ServeAsync(string[] settings, CancellationToken cancellationToken)
    {
        await using var app = Server.Build(settings);
        return await Server.RunAsync(app, cancellationToken);
    }
}
