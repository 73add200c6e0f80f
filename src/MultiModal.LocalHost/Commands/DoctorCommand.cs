using Azure.Core;
using Microsoft.Extensions.Options;
using MultiModal.LocalHost.Hosting;
using MultiModal.LocalHost.Registration;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Offline;
using MultiModal.Pipeline.Ai.Selection;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Programs;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Text;
using Spectre.Console;

namespace MultiModal.LocalHost.Commands;

/// <summary>
/// Checks the programs and services that the host depends on: which are there, which are missing, and how to get them; and which of the configured
/// models end.
/// </summary>
/// <param name="output">Where the findings are written.</param>
/// <param name="configure">What a caller changes in the services.</param>
internal sealed class DoctorCommand(CommandOutput output, Action<IServiceCollection>? configure = null)
{
    private readonly List<Finding> findings = [];

    /// <returns>The value 0 if everything is there that the configuration needs, and no model of it ends within 60 days.</returns>
    public async Task<int> RunAsync(IEnumerable<string> settings, CancellationToken cancellationToken)
    {
        using var tool = ToolHost.Build(output.Console, settings, configure);
        var services = tool.Services;
        services.CheckSettings();
        await StorageAsync(services, cancellationToken);
        There("models", services.GetRequiredService<CatalogueChoice>().ToString());
        var factory = services.GetRequiredService<EngineFactory>();
        var models = services.GetRequiredService<ModelWatch>();
        EngineChoice? silent = null;
        foreach (var choice in factory.Choices)
        {
            var answers = await EngineAsync(models, choice, cancellationToken);
            if (!choice.IsFallback) silent = answers ? null : choice;
            else if (answers && silent is not null) Serves(silent, choice);
        }

        var ending = models.Warnings;
        foreach (var warning in ending) Ends(warning);
        SpeechActivity(services.GetRequiredService<SpeechModel>());
        await ProgramsAsync(
            services.GetRequiredService<ProgramRunner>(), factory.Choices,
            services.GetRequiredService<IOptions<WhisperOptions>>().Value, cancellationToken);
        var missing = findings.Exists(f => f.State == FindingState.Missing);
        output.Write(
            new { Missing = missing, Findings = findings }, console => console.WriteLine(missing ? "Something is missing." : "Nothing is missing."));
        return ending.Count > 0 ? ExitCode.ModelEnds : missing ? ExitCode.SomethingMissing : ExitCode.Success;
    }

    private void SpeechActivity(SpeechModel model)
    {
        const string what = "speech";
        if (!model.IsWanted) Find(FindingState.Unused, what, "it is told from noise by its level (Audio:SpeechActivity)");
        else if (model.IsInstalled) There(what, $"it is told from noise by {SpeechModel.Name}");
        else Find(
            FindingState.Without, what, $"it is told from noise by its level, because {model.FilePath} is missing: run npm ci and build again");
    }

    private async Task StorageAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var options = services.GetRequiredService<IOptions<StorageOptions>>().Value;
        var failure = await StorageProbe.ProbeAsync(
            options, services.GetRequiredService<TokenCredential>(), services.GetRequiredService<TimeProvider>(), cancellationToken);
        if (failure is not null)
        {
            Missing("storage", failure.Message);
            return;
        }

        var account = services.GetRequiredService<MediaAccount>();
        var owner = await OwnerLease.ReadOwnerAsync(account, cancellationToken);
        There("storage", $"{account.Service.Uri}{(owner is null ? "" : $", owned by {owner}")}");
    }

    /// <returns>Whether the engine answers.</returns>
    private async Task<bool> EngineAsync(ModelWatch models, EngineChoice choice, CancellationToken cancellationToken)
    {
        if (await models.AskAsync(choice, cancellationToken) is { } failure)
        {
            Missing("engine", $"{choice}: {failure.Message}");
            return false;
        }

        There("engine", choice.ToString());
        return true;
    }

    private async Task ProgramsAsync(
        ProgramRunner programs, IReadOnlyList<EngineChoice> choices, WhisperOptions whisper, CancellationToken cancellationToken)
    {
        await ProgramAsync("ffmpeg", "-version", needed: true, Install("ffmpeg", "ffmpeg"));
        await ProgramAsync("ffprobe", "-version", needed: true, Install("ffmpeg", "ffmpeg"));
        await ProgramAsync(PageRenderer.Program, "-v", needed: true, Install("poppler-utils", "poppler"));
        await ProgramAsync("tesseract", "--version", IsOffline(EngineCapability.Vision), Install("tesseract-ocr", "tesseract"));

        // pocketsphinx_continuous reports no version, and it recognizes nothing without its model.
        using var speech = new PocketsphinxSpeechEngine(programs, maxConcurrency: 1);
        var path = ProgramRunner.Find("pocketsphinx_continuous");
        if (speech.IsInstalled) There("program", $"pocketsphinx_continuous: {path}, and its English model");
        else Absent(
            "program", $"pocketsphinx_continuous{(path is null ? "" : "'s English model")}", IsOffline(EngineCapability.Speech),
            Install("pocketsphinx pocketsphinx-en-us", "cmu-pocketsphinx"));

        if (choices.Any(c => c.Capability == EngineCapability.Speech && c.Engine == EngineKind.Whisper))
        {
            if (File.Exists(whisper.ModelPath)) There("model", $"Whisper: {whisper.ModelPath}");
            else Missing("model", $"Whisper: set Whisper:ModelPath to a model in whisper.cpp's format ({whisper.ModelPath ?? "nothing"} is not one)");
        }

        bool IsOffline(EngineCapability capability) => choices.Any(c => c.Capability == capability && c.Engine == EngineKind.Offline);

        async Task ProgramAsync(string name, string versionArgument, bool needed, string remedy)
        {
            var result = await programs.RunAsync(
                new ProgramCall(name, [versionArgument]) { TimeLimit = TimeSpan.FromSeconds(20) }, cancellationToken);
            if (result.Succeeded)
            {
                var said = System.Text.Encoding.UTF8.GetString(result.Output.Span);
                There("program", $"{name}: {(said.Length > 0 ? said : result.Errors).Split('\n')[0].Trim()}");
            }
            else
            {
                Absent("program", name, needed, remedy);
            }
        }
    }

    private static string Install(string debian, string homebrew) =>
        OperatingSystem.IsMacOS()
            ? $"brew install {homebrew}"
            : OperatingSystem.IsWindows() ? $"winget install {homebrew}" : $"sudo apt-get install {debian}";

    private void Absent(string what, string name, bool needed, string remedy)
    {
        if (needed) Missing(what, $"{name}: {remedy}");
        else Find(FindingState.Unused, what, $"{name} is not installed, and the chosen engines do not need it");
    }

    private void Ends(ModelWarning warning) =>
        Find(warning.Code == FailureCodes.ModelEnded ? FindingState.Ended : FindingState.Ends, "model", warning.Message);

    private void There(string what, string detail) => Find(FindingState.There, what, detail);

    private void Missing(string what, string detail) => Find(FindingState.Missing, what, detail);

    private void Find(FindingState state, string what, string detail)
    {
        findings.Add(new Finding(state, what, detail));
        var color = state switch
        {
            FindingState.There => "green",
            FindingState.Missing => "red",
            FindingState.Unused => "grey",
            _ => "yellow",
        };
        output.Console.MarkupLine($"[{color}]{state.ToString().ToLowerInvariant(),-9}[/]{Markup.Escape($"{what,-8} {detail}")}");
    }

    private void Serves(EngineChoice first, EngineChoice fallback) => Find(
        FindingState.Serves, "engine", $"{NameOf(fallback)} answers in the place of {NameOf(first)} ({fallback.Section})");

    private static string NameOf(EngineChoice choice) => $"{choice.Engine}/{choice.Model}";

    /// <param name="State">Whether it is there.</param>
    /// <param name="What">Kind of what was looked for: storage, models, engine, model, speech or program.</param>
    /// <param name="Detail">What it is, or how to get it.</param>
    private sealed record Finding(FindingState State, string What, string Detail);

    private enum FindingState
    {
        There,
        Missing,

        /// <summary>It is not there, and the configuration does not need it.</summary>
        Unused,

        /// <summary>It is not there, and something simpler takes its place.</summary>
        Without,

        /// <summary>A model that its provider ends within 60 days.</summary>
        Ends,
        Ended,

        /// <summary>A fallback that answers where the first choice does not.</summary>
        Serves,
    }
}
