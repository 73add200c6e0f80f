using System.Text.Json.Nodes;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Service;

/// <summary><c>GET …/models</c>: what a caller may name.</summary>
public sealed class ModelsEndpoint(Simulator simulator)
{
    public Task HandleAsync(HttpContext context, Dialect dialect)
    {
        Answer answer;
        try
        {
            simulator.Authentication.Check(dialect, context.Request);
            ApiVersions.Check(dialect, context.Request.Query["api-version"]);
            answer = Answer.Json(200, new JsonObject
            {
                ["object"] = "list",
                ["data"] = new JsonArray([.. simulator.Deployments.Select(deployment => (JsonNode)new JsonObject
                {
                    ["id"] = deployment.Name,
                    ["object"] = "model",
                    ["created"] = 1_700_000_000,
                    ["owned_by"] = "simulator",
                })]),
            });
        }
        catch (WireException refused)
        {
            answer = refused.Answer;
        }
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        return context.Response.Body.WriteAsync(answer.Body, context.RequestAborted).AsTask();
    }
}
