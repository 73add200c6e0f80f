using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using MultiModal.Web.Links;
using MultiModal.Web.Previews;

namespace MultiModal.Functions.Http;

/// <summary>
/// Functions that show items and files. They are protected by function keys, except for the one that a browser calls with a link: it takes nothing but
/// the link, which was issued to a caller with a key.
/// </summary>
public sealed class PreviewFunctions(PreviewEndpoints previews, LinkEndpoints links)
{
    [Function(nameof(ReadSent))]
    public Task<IResult> ReadSent(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "api/batches/{batch}/runs/{run}/items/{item}/sent")] HttpRequest request,
        string batch, string run, string item) =>
        previews.ReadSentAsync(request, batch, run, item);

    [Function(nameof(ReadThumbnail))]
    public Task<IResult> ReadThumbnail(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "api/batches/{batch}/runs/{run}/items/{item}/thumbnail")]
        HttpRequest request, string batch, string run, string item) =>
        previews.ReadThumbnailAsync(request, batch, run, item);

    [Function(nameof(ReadWaveform))]
    public Task<IResult> ReadWaveform(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/batches/{batch}/runs/{run}/items/{item}/waveform")] HttpRequest request,
        string batch, string run, string item) =>
        previews.ReadWaveformAsync(request, batch, run, item);

    [Function(nameof(IssueLinks))]
    public Task<IResult> IssueLinks(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/batches/{batch}/links")] HttpRequest request, string batch) =>
        links.IssueAsync(request, batch);

    [Function(nameof(ReadLink))]
    public Task<IResult> ReadLink(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "media/{ticket}")] HttpRequest request, string ticket) =>
        links.ReadAsync(request, ticket);
}
