using Microsoft.AspNetCore.Http;
using MultiModal.Web.Edge;

namespace MultiModal.Web.OpenApi;

/// <summary>The description of this API (OpenAPI 3.1), kept by hand: it is the contract, and tests hold the routes to it.</summary>
public sealed class OpenApiDocument
{
    private readonly EmbeddedFile document = EmbeddedFile.Load("openapi.json", "application/json");

    /// <summary><c>GET /openapi.json</c></summary>
    public IResult Read() => document.Answer();
}
