using System.Globalization;
using System.Text.Json.Nodes;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Service;

/// <summary>
/// <c>GET …/models</c> and <c>GET …/models/{id}</c>: what a caller may name, and at OpenAI how long still (<c>shutdown_date</c>, since October 2026;
/// Azure is not known to say it).
/// </summary>
public sealed class ModelsEndpoint(Simulator simulator)
{
    public Task ListAsync(HttpContext context, Dialect dialect) => AnswerAsync(context, dialect, () => new JsonObject
    {
        ["object"] = "list",
        ["data"] = new JsonArray([.. simulator.Deployments.Select(deployment => (JsonNode)Describe(deployment, dialect))]),
    });

    public Task GetAsync(HttpContext context, Dialect dialect, string id) => AnswerAsync(
        context, dialect, () => Describe(simulator.Deployment(id) ?? throw Refusals.UnknownModel(dialect, id), dialect));

    private JsonObject Describe(Deployment deployment, Dialect dialect)
    {
        var model = new JsonObject
        {
            ["id"] = deployment.Name,
            ["object"] = "model",
            ["created"] = 1_700_000_000,
            ["owned_by"] = "simulator",
        };
        if (dialect != Dialect.OpenAI) return model;
        var day = simulator.Settings.Shutdowns.TryGetValue(deployment.Name, out var announced) ? announced : deployment.Family.ShutsDown;
        model["shutdown_date"] = day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return model;
    }

    private async Task AnswerAsync(HttpContext context, Dialect dialect, Func<JsonObject> body)
    {
        Answer answer;
        try
        {
            simulator.Authentication.Check(dialect, context.Request);
            ApiVersions.Check(dialect, context.Request.Query["api-version"]);
            answer = Answer.Json(200, body());
        }
        catch (WireException refused)
        {
            answer = refused.Answer;
        }
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }
}
