using System.ClientModel.Primitives;
using System.Globalization;
using System.Text.Json;
using Azure.AI.OpenAI;
using Azure.Core;
using MultiModal.Pipeline.Ai.Models;
using OpenAI;
using OpenAI.Audio;

namespace MultiModal.Pipeline.Ai.Transport;

/// <summary>
/// A server and our authentication to it. All callers use an <see cref="OpenAIClient"/>: Azure's derives from it, and
/// both run on the one pipeline made here, with our authentication and without retries or timeouts of their own
/// (<see cref="ProviderRetry"/> has both).
/// </summary>
internal sealed class ProviderConnection
{
    /// <summary>
    /// The version of Azure's API in which the deployments path knows transcription models after whisper. Source: Microsoft's training module on
    /// speech, which still shows it for the gpt-4o-transcribe line; the two versions of Azure.AI.OpenAI 2.1.0 are older than these models.
    /// </summary>
    private const string LaterDeploymentsApi = "2025-03-01-preview";

    private readonly ClientPipeline pipeline;
    private readonly Lazy<ClientPipeline> versioned;
    private readonly Uri? azureEndpoint;

    // From 2.13 on, OpenAI's client sends headers about the machine (X-Stainless-*) unless it is told not to.
    static ProviderConnection() => AppContext.SetSwitch("OpenAI.DisableTelemetry", true);

    private ProviderConnection(Uri address, Uri? azureEndpoint, ProviderAuthentication authentication, HttpClient http)
    {
        Address = address;
        this.azureEndpoint = azureEndpoint;
        pipeline = Create([]);
        versioned = new(() => Create([new ApiVersionPolicy(LaterDeploymentsApi)]));

        ClientPipeline Create(PipelinePolicy[] perCall) => ClientPipeline.Create(
            new ClientPipelineOptions
            {
                Transport = new HttpClientPipelineTransport(http),
                RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
                NetworkTimeout = Timeout.InfiniteTimeSpan,
            },
            perCallPolicies: perCall, perTryPolicies: [authentication], beforeTransportPolicies: []);
    }

    /// <summary>The base of the v1 API, with a slash at its end.</summary>
    public Uri Address { get; }

    /// <summary>
    /// Takes the endpoint with or without a path of <c>/openai</c> or <c>/openai/v1</c>, as portals show all three
    /// forms; without a key the credential is used.
    /// </summary>
    public static ProviderConnection ToAzure(Uri endpoint, string? key, TokenCredential credential, HttpClient http, TimeProvider clock)
    {
        var path = endpoint.AbsolutePath.TrimEnd('/');
        foreach (var ending in new[] { "/v1", "/openai" })
        {
            if (path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) path = path[..^ending.Length];
        }

        var resource = new Uri(endpoint, $"{path}/");
        return new(
            new Uri(resource, "openai/v1/"), resource, new ProviderAuthentication(key, azure: true, key is null ? credential : null, clock), http);
    }

    /// <summary>Connects to a compatible server. Without a key no authentication is sent.</summary>
    public static ProviderConnection ToCompatible(Uri baseUrl, string? key, HttpClient http, TimeProvider clock) =>
        new(new Uri($"{baseUrl.GetLeftPart(UriPartial.Path).TrimEnd('/')}/"), null, new ProviderAuthentication(key, azure: false, null, clock), http);

    public OpenAIClient Client(AzurePath path) => azureEndpoint is not null && path == AzurePath.Deployments
        ? new DeploymentsClient(pipeline, azureEndpoint)
        : new V1Client(pipeline, Address);

    /// <summary>
    /// The clients for a transcription model in the order in which they are asked: Azure answers for some deployments at one of its two paths alone.
    /// </summary>
    /// <param name="path">Where the model should answer.</param>
    /// <param name="model">Name of the model or the deployment.</param>
    public IReadOnlyList<AudioClient> AudioClients(AzurePath path, string model)
    {
        var first = Client(path).GetAudioClient(model);
        if (azureEndpoint is null) return [first];
        OpenAIClient other = path == AzurePath.Deployments
            ? new V1Client(pipeline, Address)
            : new V1Client(versioned.Value, new Uri(azureEndpoint, $"openai/deployments/{Uri.EscapeDataString(model)}/"));
        return [first, other.GetAudioClient(model)];
    }

    /// <summary>Lists the models, which costs nothing.</summary>
    /// <returns>The models whose end the server speaks of, each with its first day without answers, or null where none is announced
    /// (<c>shutdown_date</c> of OpenAI's <c>GET /v1/models</c>); a failure if it does not answer, or refuses our credentials.</returns>
    public async Task<Outcome<IReadOnlyDictionary<string, DateOnly?>>> ListModelsAsync(
        string engine, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(15), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var message = pipeline.CreateMessage();
        message.Apply(Options(either.Token));
        message.Request.Method = "GET";
        message.Request.Uri = new Uri(Address, "models");
        try
        {
            await pipeline.SendAsync(message);
            return message.Response is { Status: < 300 } answer
                ? ModelEnds(answer.Content.ToMemory())
                : ProviderFaults.OfResponse<string>(engine, message.Response!, clock.GetUtcNow()).Outcome.Failure!;
        }
        catch (Exception e) when (ProviderFaults.IsConnectionFault(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            return ProviderFaults.OfConnection<string>(engine, e).Outcome.Failure!;
        }
    }

    /// <summary>Options of one attempt: a status raises no exception, because statuses are answers.</summary>
    public static RequestOptions Options(CancellationToken cancellationToken) =>
        new() { CancellationToken = cancellationToken, ErrorOptions = ClientErrorBehaviors.NoThrow };

    /// <summary>Servers of many kinds answer here. What does not have OpenAI's form says nothing of an end, and is no failure.</summary>
    private static Dictionary<string, DateOnly?> ModelEnds(ReadOnlyMemory<byte> list)
    {
        var ends = new Dictionary<string, DateOnly?>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(list);
            foreach (var model in document.RootElement.GetProperty("data").EnumerateArray())
            {
                if (!model.TryGetProperty("shutdown_date", out var day) || model.GetProperty("id").GetString() is not { } id) continue;
                if (day.ValueKind == JsonValueKind.Null) ends[id] = null;
                else if (DateOnly.TryParseExact(day.GetString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var known))
                {
                    ends[id] = known;
                }
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Ollama and others list their models in forms of their own.
        }

        return ends;
    }

    /// <summary>Names the version of the API in the address, as Azure's older path wants it.</summary>
    private sealed class ApiVersionPolicy(string version) : PipelinePolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            Name(message);
            ProcessNext(message, pipeline, currentIndex);
        }

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            Name(message);
            return ProcessNextAsync(message, pipeline, currentIndex);
        }

        private void Name(PipelineMessage message) =>
            message.Request.Uri = new UriBuilder(message.Request.Uri!) { Query = $"api-version={version}" }.Uri;
    }

    private sealed class V1Client(ClientPipeline pipeline, Uri address)
        : OpenAIClient(pipeline, new OpenAIClientOptions { Endpoint = address });

    private sealed class DeploymentsClient(ClientPipeline pipeline, Uri endpoint)
        : AzureOpenAIClient(pipeline, endpoint, new AzureOpenAIClientOptions(AzureOpenAIClientOptions.ServiceVersion.V2024_10_21));
}
