using Microsoft.AspNetCore.Http;
using MultiModal.Pipeline.Batches;
using MultiModal.Web.Edge;
using MultiModal.Web.Serving;

namespace MultiModal.Web.Previews;

/// <summary>Endpoints that show items of a run: pictures as they were sent, thumbnails, waveforms.</summary>
public sealed class PreviewEndpoints(ApiEdge edge, ItemViews views, BlobReader reader)
{
    /// <summary>Largest number of a picture of an item.</summary>
    internal const int MaxPart = 99_999;

    /// <summary><c>GET</c> and <c>HEAD /api/batches/{batch}/runs/{run}/items/{item}/sent?part=</c></summary>
    public Task<IResult> ReadSentAsync(HttpRequest request, string batch, string run, string item) =>
        ReadPictureAsync(request, batch, run, item, ItemView.Sent);

    /// <summary><c>GET</c> and <c>HEAD /api/batches/{batch}/runs/{run}/items/{item}/thumbnail?part=</c></summary>
    public Task<IResult> ReadThumbnailAsync(HttpRequest request, string batch, string run, string item) =>
        ReadPictureAsync(request, batch, run, item, ItemView.Thumbnail);

    /// <summary><c>GET /api/batches/{batch}/runs/{run}/items/{item}/waveform</c></summary>
    public Task<IResult> ReadWaveformAsync(HttpRequest request, string batch, string run, string item) =>
        ReadAsync(request, batch, run, async (reference, cancellationToken) =>
    {
        var loudness = await views.FindLoudnessAsync(reference, item, cancellationToken);
        return loudness.Succeeded ? Answers.Json(loudness.Value) : Answers.Problem(loudness.Failure);
    });

    private Task<IResult> ReadPictureAsync(HttpRequest request, string batch, string run, string item, ItemView view) =>
        ReadAsync(request, batch, run, async (reference, cancellationToken) =>
    {
        if (!Query.TryNumber(request, "part", 0, MaxPart, 0, out var part)) return Query.Problem("part", 0, MaxPart);
        var blob = await views.FindPictureAsync(reference, item, view, part, cancellationToken);
        if (!blob.Succeeded) return Answers.Problem(blob.Failure);
        var content = await reader.FindAsync(request, blob.Value, blob.Value.Name, version: null, cancellationToken);
        return content.Succeeded ? BlobReader.Answer(content.Value, blob.Value.Name)
            : Answers.Problem(content.Failure.Code == ProblemCodes.FileNotFound ? ItemViews.NoItem : content.Failure);
    });

    private Task<IResult> ReadAsync(HttpRequest request, string batch, string run, Func<RunReference, CancellationToken, Task<IResult>> answer) =>
        edge.AnswerAsync(request, batch, async (name, cancellationToken) =>
    {
        var reference = await views.FindRunAsync(name, run, cancellationToken);
        return reference.Succeeded ? await answer(reference.Value, cancellationToken) : Answers.Problem(reference.Failure);
    });
}
