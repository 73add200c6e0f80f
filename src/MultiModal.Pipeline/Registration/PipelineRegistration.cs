using Azure.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Admission;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Ai.Offline;
using MultiModal.Pipeline.Ai.Selection;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Decoding;
using MultiModal.Pipeline.Estimates;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Places;
using MultiModal.Pipeline.Poison;
using MultiModal.Pipeline.Previews;
using MultiModal.Pipeline.Programs;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Settings;
using MultiModal.Pipeline.Steps;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Synthesis;
using MultiModal.Pipeline.Text;
using MultiModal.Pipeline.Webhooks;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Pipeline.Registration;

public static class PipelineRegistration
{
    /// <summary>Adds the pipeline with all its steps and engines. The host adds the services that start runs.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The configuration with the sections <c>Storage</c>, <c>Pipeline</c>, <c>Images</c>, <c>Decoder</c>,
    /// <c>Programs</c>, <c>Pdf</c>, <c>Ocr</c>, <c>Whisper</c>, <c>Audio</c>, <c>Text</c>, <c>Ai</c>, <c>Costs</c>, <c>Budget</c>.</param>
    public static IServiceCollection AddMultiModalPipeline(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddSettings<StorageOptions>(configuration, StorageOptions.Section);
        services.AddSettings<PipelineOptions>(configuration, PipelineOptions.Section);
        services.AddSettings<ImageOptions>(configuration, ImageOptions.Section);
        services.AddSettings<DecoderOptions>(configuration, DecoderOptions.Section);
        services.AddSettings<ProgramOptions>(configuration, ProgramOptions.Section);
        services.AddSettings<PdfOptions>(configuration, PdfOptions.Section);
        services.AddSettings<OcrOptions>(configuration, OcrOptions.Section);
        services.AddSettings<WhisperOptions>(configuration, WhisperOptions.Section);
        services.AddSettings<AudioOptions>(configuration, AudioOptions.Section);
        services.AddSingleton<IPostConfigureOptions<AudioOptions>>(new PackagedFfmpeg());
        services.AddSettings<TextOptions>(configuration, TextOptions.Section);
        services.AddSettings<CostOptions>(configuration, CostOptions.Section);
        services.AddSettings<BudgetOptions>(configuration, BudgetOptions.Section);
        services.AddSingleton<IValidateOptions<BudgetOptions>, PictureBudgetValidator>();
        services.AddSettings<WebhookOptions>(configuration, WebhookOptions.Section);
        services.AddSingleton<IValidateOptions<WebhookOptions>, WebhookOptionsValidator>();

        services.TryAddSingleton(TimeProvider.System);
        VisibleLoggerFactory.Register(services);
        services.TryAddSingleton<ProgramRunner>();
        services.AddEngines(configuration);
        services.AddKeyedSingleton<IVisionEngine>(EngineIdentity.Offline, (provider, _) => new TesseractVisionEngine(
            provider.GetRequiredService<ProgramRunner>(), MaxConcurrency(provider, EngineCapability.Vision),
            provider.GetRequiredService<IOptions<OcrOptions>>().Value.Languages));
        services.AddKeyedSingleton<ISpeechEngine>(EngineIdentity.Offline, (provider, _) => new PocketsphinxSpeechEngine(
            provider.GetRequiredService<ProgramRunner>(), MaxConcurrency(provider, EngineCapability.Speech)));
        services.AddKeyedSingleton<ISpeechEngine>(WhisperSpeechEngine.Name, (provider, _) => new WhisperSpeechEngine(
            provider.GetRequiredService<ProgramRunner>(), MaxConcurrency(provider, EngineCapability.Speech),
            provider.GetRequiredService<IOptions<WhisperOptions>>().Value));
        services.AddKeyedSingleton<ITextEngine>(
            EngineIdentity.Offline, (provider, _) => new ExtractiveTextEngine(provider.GetRequiredService<TimeProvider>()));

        services.TryAddSingleton(provider => MediaAccount.Open(
            provider.GetRequiredService<IOptions<StorageOptions>>().Value, provider.GetRequiredService<TokenCredential>()));
        services.AddSingleton(provider => new WorkFolder(provider.GetRequiredService<IOptions<PipelineOptions>>().Value.TempFolder));
        services.AddSingleton<InboxListing>();
        services.AddSingleton<BatchStore>();
        services.AddSingleton<BatchResults>();
        services.AddSingleton<UploadMarks>();
        services.AddSingleton<BatchWake>();
        services.TryAddSingleton(OwnPorts.All);
        services.AddSingleton<WebhookRules>();
        services.AddSingleton<BatchAdmission>();
        services.AddSingleton<CompletionWebhook>();
        services.AddSingleton<InboxReader>();
        services.TryAddSingleton(new RecordKeeping(Together: false));
        services.AddSingleton(provider => new RunStore(
            provider.GetRequiredService<MediaAccount>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<RecordKeeping>()));
        services.AddSingleton<ContentCache>();
        services.AddSingleton<SoleOwnership>();
        services.AddSingleton<SingleFlight>();
        services.AddSingleton(provider => PriceBook.Open(
            provider.GetRequiredService<IOptions<CostOptions>>().Value.PriceBook, provider.GetRequiredService<ModelCatalogue>()));
        services.TryAddSingleton(provider => CostLedger.Tables(
            provider.GetRequiredService<IOptions<StorageOptions>>().Value, provider.GetRequiredService<TokenCredential>()));
        services.AddSingleton<CostLedger>();
        services.AddSingleton<MeteredCalls>();
        services.AddSingleton<PicturePrice>();
        services.AddSingleton<PictureTries>();
        services.AddSingleton<PieceFiles>();
        services.AddSingleton<VoiceComparison>();
        services.AddSingleton<StepSlots>();
        services.AddSingleton(provider => new CpuLine(
            provider.GetRequiredService<IOptions<PipelineOptions>>().Value.CpuPlaces ?? Environment.ProcessorCount,
            new Dictionary<CpuWorkKind, int>
            {
                [CpuWorkKind.Decoder] = provider.GetRequiredService<IOptions<DecoderOptions>>().Value.MaxConcurrency,
                [CpuWorkKind.Reading] = MaxConcurrency(provider, EngineCapability.Vision),
                [CpuWorkKind.Listening] = MaxConcurrency(provider, EngineCapability.Speech),
            },
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<GuardedDecodes>();
        services.AddSingleton<DuplicatePictures>();
        services.AddSingleton<StepRunner>();
        services.AddSingleton<InventoryTaker>();
        services.AddSingleton<DecoderProcess>();
        services.AddSingleton<DecodeMarks>();
        services.AddKeyedSingleton<IImageEngine, NetVipsImageEngine>(ImageOptions.NetVips);
        services.AddKeyedSingleton<IImageEngine, ImageSharpImageEngine>(ImageOptions.ImageSharp);
        services.TryAddSingleton(
            provider => provider.GetRequiredKeyedService<IImageEngine>(provider.GetRequiredService<IOptions<ImageOptions>>().Value.Engine));
        services.AddSingleton(provider => new SpeechModel(
            provider.GetRequiredService<IOptions<AudioOptions>>(), provider.GetRequiredService<ILogger<SpeechModel>>()));
        services.AddSingleton<AudioPreparer>();
        services.TryAddSingleton(provider => new PageRenderer(
            provider.GetRequiredService<ProgramRunner>(), provider.GetRequiredService<IOptions<DecoderOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<PdfDocuments>();
        services.AddSingleton<HtmlDocuments>();
        services.AddSingleton<SynthesisPlanner>();
        services.AddSingleton<ReportWriter>();
        services.AddSingleton<ItemPreviews>();
        services.AddSingleton<Thumbnails>();
        services.AddSingleton(provider => new BatchEstimator(
            provider.GetRequiredService<InventoryTaker>(),
            provider.GetRequiredService<BatchStore>(),
            provider.GetRequiredService<AnalyzeImageStep>(),
            provider.GetRequiredService<TranscribeAudioStep>(),
            provider.GetRequiredService<ReadTextStep>(),
            provider.GetRequiredService<DuplicatePictures>(),
            provider.GetRequiredService<GenerateImageStep>(),
            provider.GetRequiredService<PicturePrice>(),
            provider.GetRequiredService<EngineSet>(),
            provider.GetRequiredService<PriceBook>(),
            provider.GetRequiredService<TimeProvider>()));
        foreach (var step in typeof(IStep).Assembly.GetTypes()
            .Where(t => t is { IsAbstract: false, IsInterface: false } && t.IsAssignableTo(typeof(IStep))))
        {
            services.AddSingleton(step).AddSingleton(provider => (IStep)provider.GetRequiredService(step));
        }

        services.AddSingleton<StepSet>();
        return services;

        static int MaxConcurrency(IServiceProvider provider, EngineCapability capability) =>
            provider.GetRequiredService<IOptions<AiOptions>>().Value.MaxConcurrencyOf(capability);
    }
}
