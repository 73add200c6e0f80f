using System.Text.Json;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Admission;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;
using MultiModal.Web.Edge;

namespace MultiModal.Web.Uploads;

/// <summary>Endpoints that put files into a batch: through this host, or straight into storage by an upload URL.</summary>
public sealed class UploadEndpoints(
    ApiEdge edge, IBatchHost host, MediaAccount account, UploadSigner signer, BatchAdmission admission, IOptions<WebOptions> options)
{
    private const int MaxFiles = 1000;
    private const int MaxBodyBytes = 4 << 20;
    private const int BlockBytes = 8 << 20;

    /// <summary><c>POST /api/batches/{batch}/uploads</c></summary>
    public Task<IResult> SignAsync(HttpRequest request, string batch) => edge.AnswerAsync(request, batch, async (name, cancellationToken) =>
    {
        var body = await JsonBody.ReadObjectAsync(request, MaxBodyBytes, cancellationToken);
        if (!body.Succeeded) return Answers.Problem(body.Failure);
        var files = ReadFiles(name, body.Value);
        if (!files.Succeeded) return Answers.Problem(files.Failure);
        return await signer.SignAsync(files.Value, cancellationToken) is { } urls
            ? Answers.Json(urls)
            : Answers.Problem(
                ProblemCodes.UploadUrlsUnavailable,
                "This host has no key and no identity that can sign upload URLs. Upload through the host instead.");
    });

    /// <summary><c>PUT /api/batches/{batch}/files/{*path}</c></summary>
    public Task<IResult> PutAsync(HttpRequest request, string batch, string? path) =>
        edge.AnswerAsync(request, batch, async (name, cancellationToken) =>
    {
        var file = edge.ParseFile(name, RouteText.Decode(path ?? ""));
        if (!file.Succeeded) return Answers.Problem(file.Failure);
        var maxBytes = options.Value.MaxUploadBytes;
        if (request.ContentLength > maxBytes) return Answers.Problem(MeasuredStream.TooLarge(maxBytes));

        // The stream below enforces our own limit; the server's limit is meant for small bodies.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = null;
        var content = new MeasuredStream(request.Body, request.ContentLength, maxBytes);
        try
        {
            return file.Value.Value == BatchOptionsFile.FileName
                ? await PutOptionsAsync(file.Value, content, cancellationToken)
                : await PutAsync(file.Value, content, request.ContentType, content, cancellationToken);
        }
        catch (Exception) when (content.Failure is not null)
        {
            return Answers.Problem(content.Failure);
        }
    });

    /// <summary>Rejects invalid options here, so that no later run has to.</summary>
    private async Task<IResult> PutOptionsAsync(ItemName file, MeasuredStream content, CancellationToken cancellationToken)
    {
        var buffer = new byte[BatchOptionsFile.MaxBytes + 1];
        var length = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        var copy = new MemoryStream(buffer, 0, length);
        var parsed = await BatchOptionsFile.ParseAsync(copy, cancellationToken);
        var admitted = parsed.Succeeded ? admission.Admit(parsed.Value) : parsed.Failure;
        if (!admitted.Succeeded) return Answers.Problem(admitted.Failure);
        copy.Position = 0;
        return await PutAsync(file, copy, "application/json", content, cancellationToken);
    }

    /// <summary>Stages blocks as they arrive and commits them when all have arrived, so that a broken upload leaves nothing behind.</summary>
    private async Task<IResult> PutAsync(
        ItemName file, Stream content, string? mediaType, MeasuredStream measured, CancellationToken cancellationToken)
    {
        var upload = new BlobUploadOptions
        {
            HttpHeaders = new BlobHttpHeaders { ContentType = mediaType },
            TransferOptions = new StorageTransferOptions { InitialTransferSize = BlockBytes, MaximumTransferSize = BlockBytes,
                MaximumConcurrency = 2 },
        };
        BlobContentInfo blob = await account.Inbox.GetBlobClient(file.BlobName).UploadAsync(content, upload, cancellationToken);
        await host.SignalDroppedAsync(file.Batch, cancellationToken);
        return Answers.Json(new UploadedFile(file.Batch, file.Value, measured.Count, blob.ETag.ToString()), StatusCodes.Status201Created);
    }

    private Outcome<List<ItemName>> ReadFiles(BatchName batch, JsonElement body)
    {
        if (!body.TryGetProperty("files", out var files) || files.ValueKind != JsonValueKind.Array || files.GetArrayLength() is 0 or > MaxFiles)
        {
            return new Failure(ProblemCodes.InvalidBody, $"\"files\" must be a list of 1 to {MaxFiles} file names.");
        }

        var names = new List<ItemName>();
        foreach (var file in files.EnumerateArray())
        {
            var name = edge.ParseFile(batch, file.ValueKind == JsonValueKind.String ? file.GetString() : null);
            if (!name.Succeeded) return name.Failure;
            names.Add(name.Value);
        }

        return names;
    }
}
