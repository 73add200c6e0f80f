using Azure.Storage.Blobs;
using AzureOpenAISimulator;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Registration;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Steps;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Pipeline.Testing.Runs;

/// <summary>The pipeline as one process has it: the product's own composition over an Azurite account, models at a simulator.</summary>
public sealed class PipelineProcess : IAsyncDisposable
{
    private readonly ServiceProvider services;

    public PipelineProcess(string storage, SimulatorServer? simulator, params (string Key, string Value)[] settings)
        : this(storage, simulator, before: null, settings)
    {
    }

    /// <param name="storage">Connection string of the media account.</param>
    /// <param name="simulator">Answers for all models; the engines of the settings if null.</param>
    /// <param name="before">Registers what takes the place of the product's own services.</param>
    /// <param name="settings">Of the host.</param>
    public PipelineProcess(
        string storage, SimulatorServer? simulator, Action<IServiceCollection>? before, params (string Key, string Value)[] settings)
    {
        var values = new Dictionary<string, string?> { ["Storage:ConnectionString"] = storage };
        if (simulator is not null)
        {
            values["AZURE_OPENAI_ENDPOINT"] = simulator.Endpoint.ToString();
            values["AZURE_OPENAI_API_KEY"] = simulator.Key;
            values["Ai:Vision:Deployment"] = "gpt-4o";
            values["Ai:Text:Deployment"] = "gpt-4o";
            values["Ai:Speech:Deployment"] = "whisper";
        }

        foreach (var (key, value) in settings) values[key] = value;
        var collection = new ServiceCollection();
        collection.AddLogging();
        before?.Invoke(collection);
        collection.AddMultiModalPipeline(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
        services = collection.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true });
        Account = services.GetRequiredService<MediaAccount>();
        Runs = services.GetRequiredService<RunStore>();
        Activities = services.GetRequiredService<StepSet>();
        Steps = new LocalSteps(
            Activities,
            services.GetRequiredService<StepSlots>(),
            services.GetRequiredService<IOptions<PipelineOptions>>(),
            TimeProvider.System,
            services.GetRequiredService<ILogger<LocalSteps>>(),
            CancellationToken.None);
    }

    public MediaAccount Account { get; }

    public RunStore Runs { get; }

    public StepSet Activities { get; }

    public LocalSteps Steps { get; }

    public Task DropAsync(string name, byte[] content) => Account.Inbox.GetBlobClient(name).UploadAsync(new BinaryData(content), overwrite: true);

    public Task DropAsync(string name, string text) => DropAsync(name, System.Text.Encoding.UTF8.GetBytes(text));

    public async Task<Report> RunAsync(string batch, int runSeq = 1, RunScope scope = RunScope.All, bool isRetry = false)
    {
        await BatchWorkflow.RunAsync(Steps, new RunReference(BatchName.Parse(batch), runSeq, scope, IsRetry: isRetry));
        return await ReadReportAsync(batch);
    }

    public async Task<Report> ReadReportAsync(string batch)
    {
        var report = await Account.Results.ReadJsonAsync<Report>($"{BatchName.Parse(batch).ResultsFolder}/report.json", CancellationToken.None);
        Assert.NotNull(report);
        return report.Value;
    }

    public T Get<T>() where T : notnull => services.GetRequiredService<T>();

    /// <summary>All lines of the account's ledger.</summary>
    public async Task<IReadOnlyList<LedgerEntry>> ReadLedgerAsync()
    {
        var lines = new List<LedgerEntry>();
        await foreach (var line in Get<CostLedger>().ReadAsync(DateOnly.MinValue, DateOnly.MaxValue, CancellationToken.None)) lines.Add(line);
        return lines;
    }

    public async ValueTask DisposeAsync() => await services.DisposeAsync();
}
