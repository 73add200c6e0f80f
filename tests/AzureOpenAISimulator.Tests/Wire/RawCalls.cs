using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace AzureOpenAISimulator.Tests.Wire;

/// <summary>Calls without a client library, to see the wire as it is.</summary>
internal static class RawCalls
{
    public const string GaVersion = "2024-10-21";

    public static readonly HttpClient Http = new();

    public static string Deployment(string name, string version = GaVersion) => $"openai/deployments/{name}/chat/completions?api-version={version}";

    public static string Transcriptions(string name, string version = GaVersion) =>
        $"openai/deployments/{name}/audio/transcriptions?api-version={version}";

    public static JsonObject Says(string text) => new() { ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }) };

    public static JsonObject Shows(string url, string text = "What is this?", string? detail = null)
    {
        var image = new JsonObject { ["url"] = url };
        if (detail is not null) image["detail"] = detail;
        return new JsonObject
        {
            ["messages"] = new JsonArray(new JsonObject
            {
                ["role"] = "user",
                ["content"] = new JsonArray(
                    new JsonObject { ["type"] = "text", ["text"] = text },
                    new JsonObject { ["type"] = "image_url", ["image_url"] = image }),
            }),
        };
    }

    public static string DataUrl(byte[] image, string mediaType = "image/png") => $"data:{mediaType};base64,{Convert.ToBase64String(image)}";

    public static JsonObject WithSchema(this JsonObject body, string schema, bool strict = true)
    {
        body["response_format"] = new JsonObject
        {
            ["type"] = "json_schema",
            ["json_schema"] = new JsonObject { ["name"] = "report", ["strict"] = strict, ["schema"] = JsonNode.Parse(schema) },
        };
        return body;
    }

    public static Task<Reply> ChatAsync(this SimulatorServer simulator, string path, JsonObject body) =>
        simulator.SendAsync(path, new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"));

    public static Task<Reply> TranscribeAsync(
        this SimulatorServer simulator, string path, byte[] recording, string fileName = "speech.wav", params (string Name, string Value)[] fields)
    {
        var form = new MultipartFormDataContent { { new ByteArrayContent(recording), "file", fileName } };
        foreach (var (name, value) in fields) form.Add(new StringContent(value), name);
        return simulator.SendAsync(path, form);
    }

    public static async Task<Reply> SendAsync(
        this SimulatorServer simulator, string path, HttpContent content, Action<HttpRequestHeaders>? authenticate = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(simulator.Endpoint, path)) { Content = content };
        if (authenticate is null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", simulator.Key);
            if (path.StartsWith("openai/", StringComparison.Ordinal))
            {
                request.Headers.Authorization = null;
                request.Headers.Add("api-key", simulator.Key);
            }
        }
        else
        {
            authenticate(request.Headers);
        }
        using var response = await Http.SendAsync(request);
        return new Reply((int)response.StatusCode, response.Content.Headers.ContentType?.ToString(), await response.Content.ReadAsStringAsync());
    }
}
