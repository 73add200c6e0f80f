using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.AspNetCore.Http;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;
using MultiModal.Web.Edge;
using MultiModal.Web.Files;
using MultiModal.Web.Previews;
using MultiModal.Web.Reports;
using MultiModal.Web.Serving;

namespace MultiModal.Web.Links;

/// <summary>
/// Endpoints for links: an authorized caller gets addresses that a browser can show and play without a key, each for one version of one blob, to be
/// read only, for 15 minutes.
/// </summary>
public sealed class LinkEndpoints(
    ApiEdge edge, LinkKey keys, BatchFiles files, ItemViews views, BatchResults results, BlobReader reader, MediaAccount account,
    TimeProvider time)
{
    private const int MaxLinks = 100;
    private const int MaxBodyBytes = 1 << 20;
    private const int MaxParallel = 8;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private static Failure NoFile { get; } = new(ProblemCodes.FileNotFound, "There is no such file in this batch.");

    private static Failure Invalid { get; } = new(
        ProblemCodes.InvalidBody,
        $"\"links\" must be a list of 1 to {MaxLinks} objects: {{\"file\": \"…\"}}, or {{\"run\": 1, \"item\": \"0\", \"view\": \"sent\" or \"thumbnail\"}} "
            + "with or without \"part\", or {\"run\": 1, \"view\": \"illustration\"}.");

    /// <summary><c>POST /api/batches/{batch}/links</c></summary>
    public Task<IResult> IssueAsync(HttpRequest request, string batch) => edge.AnswerAsync(request, batch, async (name, cancellationToken) =>
    {
        var body = await JsonBody.ReadObjectAsync(request, MaxBodyBytes, cancellationToken);
        if (!body.Succeeded) return Answers.Problem(body.Failure);
        if (Read(body.Value) is not { } wishes) return Answers.Problem(Invalid);

        var key = await keys.ReadAsync(cancellationToken);
        var expires = DateTimeOffset.FromUnixTimeSeconds((time.GetUtcNow() + Lifetime).ToUnixTimeSeconds());
        var links = new IssuedLink[wishes.Count];
        var runs = wishes.Where(wish => wish.Run is not null).Select(wish => wish.Run!).Distinct(StringComparer.Ordinal)
            .ToDictionary(run => run, run => views.FindRunAsync(name, run, cancellationToken), StringComparer.Ordinal);
        await Task.WhenAll(runs.Values);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = MaxParallel, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, links.Length, parallel, async (at, token) =>
        {
            var ticket = wishes[at] switch
            {
                { File: { } file } => await TicketOfFileAsync(name, file, expires, token),
                { View: ItemView.Illustration } wish => await TicketOfIllustrationAsync(await runs[wish.Run!], expires, token),
                var wish => await TicketOfPictureAsync(await runs[wish.Run!], wish, expires, token),
            };
            links[at] = ticket.Succeeded
                ? new IssuedLink(AddressOf(ticket.Value, key), expires, Problem: null)
                : new IssuedLink(Url: null, ExpiresAt: null, new LinkProblem(ticket.Failure.Code, ticket.Failure.Message));
        });
        return Answers.Json(new IssuedLinks(links));
    });

    /// <summary><c>GET</c> and <c>HEAD /media/{ticket}?signature=</c>, which asks for no key.</summary>
    public Task<IResult> ReadAsync(HttpRequest request, string ticket) => edge.AnswerAsync(request, async cancellationToken =>
    {
        var answer = await AnswerAsync(request, ticket, cancellationToken);
        return answer.With("Referrer-Policy", "no-referrer");
    });

    private async Task<IResult> AnswerAsync(HttpRequest request, string text, CancellationToken cancellationToken)
    {
        if (!await IsSignedAsync(text, request.Query[SignedAddress.Parameter].ToString(), cancellationToken))
        {
            return Refuse(ProblemCodes.LinkInvalid, "This is no link that this host has issued.");
        }

        var ticket = LinkTicket.Read(text);
        var left = DateTimeOffset.FromUnixTimeSeconds(ticket.ExpiresAt) - time.GetUtcNow();
        if (left <= TimeSpan.Zero) return Refuse(ProblemCodes.LinkExpired, "The link has expired. Ask for a new one.");

        var container = ticket.Store switch
        {
            LinkStore.Inbox => account.Inbox,
            LinkStore.Results => account.Results,
            _ => account.Cache,
        };
        var content = await reader.FindAsync(request, container.GetBlobClient(ticket.Blob), ticket.Blob, new ETag(ticket.ETag), cancellationToken);
        if (content.Succeeded)
        {
            // The address names one version, which never changes.
            return BlobReader.Answer(
                content.Value, ticket.Blob, string.Create(CultureInfo.InvariantCulture, $"private, max-age={(int)left.TotalSeconds}"));
        }

        return content.Failure.Code == ProblemCodes.FileChanged
            ? Refuse(ProblemCodes.LinkExpired, "The file was replaced since the link was issued. Ask for a new one.")
            : Answers.Problem(content.Failure).With("Cache-Control", "no-store");
    }

    private static IResult Refuse(string code, string detail) => Answers.Problem(code, detail).With("Cache-Control", "no-store");

    private async Task<bool> IsSignedAsync(string ticket, string signature, CancellationToken cancellationToken) =>
        LinkTicket.IsSigned(ticket, signature, await keys.ReadAsync(cancellationToken))
        || (await keys.ReadAgainAsync(cancellationToken) is { } key && LinkTicket.IsSigned(ticket, signature, key));

    private async Task<Outcome<LinkTicket>> TicketOfFileAsync(
        BatchName batch, string path, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        var file = edge.ParseFile(batch, path);
        if (!file.Succeeded) return file.Failure;
        foreach (var blob in files.BlobsOf(file.Value))
        {
            if (await TicketOfAsync(LinkStore.Inbox, blob, expires, cancellationToken) is { } ticket) return ticket;
        }

        return NoFile;
    }

    private async Task<Outcome<LinkTicket>> TicketOfPictureAsync(
        Outcome<RunReference> run, LinkWish wish, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        if (!run.Succeeded) return run.Failure;
        var blob = await views.FindPictureAsync(run.Value, wish.Item!, wish.View, wish.Part, cancellationToken);
        if (!blob.Succeeded) return blob.Failure;
        return await TicketOfAsync(LinkStore.Cache, blob.Value, expires, cancellationToken) is { } ticket ? ticket : ItemViews.NoItem;
    }

    private async Task<Outcome<LinkTicket>> TicketOfIllustrationAsync(
        Outcome<RunReference> run, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        if (!run.Succeeded) return run.Failure;
        foreach (var path in ReportEndpoints.IllustrationPaths(run.Value.RunSeq))
        {
            var blob = await results.LocateAsync(run.Value.Batch, path, cancellationToken);
            if (await TicketOfAsync(LinkStore.Results, blob, expires, cancellationToken) is { } ticket) return ticket;
        }

        return ReportEndpoints.NoIllustration;
    }

    /// <returns>The ticket; null if there is no such blob.</returns>
    private static async Task<LinkTicket?> TicketOfAsync(
        LinkStore store, BlobClient blob, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        try
        {
            BlobProperties properties = await blob.GetPropertiesAsync(cancellationToken: cancellationToken);
            return BlobVersion.IsMarker(properties.Metadata)
                ? null
                : new LinkTicket(store, blob.Name, properties.ETag.ToString("H"), expires.ToUnixTimeSeconds());
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            return null;
        }
    }

    private static string AddressOf(LinkTicket ticket, byte[] key)
    {
        var text = ticket.Write();
        return $"/media/{text}?{SignedAddress.Parameter}={LinkTicket.Sign(text, key)}";
    }

    private static List<LinkWish>? Read(JsonElement body)
    {
        if (!body.TryGetProperty("links", out var links) || links.ValueKind != JsonValueKind.Array || links.GetArrayLength() is 0 or > MaxLinks)
        {
            return null;
        }

        var wishes = links.EnumerateArray().Select(LinkWish.Read).ToList();
        return wishes.Contains(null) ? null : [.. wishes.OfType<LinkWish>()];
    }

    /// <param name="File">Path of a file within the batch; null for a picture of an item.</param>
    /// <param name="Run">Number of the run.</param>
    /// <param name="Item">Position of the item.</param>
    /// <param name="View">What is shown of the item.</param>
    /// <param name="Part">Which picture of the item.</param>
    private sealed record LinkWish(string? File, string? Run, string? Item, ItemView View, int Part)
    {
        public static LinkWish? Read(JsonElement link)
        {
            if (link.ValueKind != JsonValueKind.Object) return null;
            var (wish, hasView) = (new LinkWish(null, null, null, ItemView.Sent, 0), false);
            foreach (var field in link.EnumerateObject())
            {
                switch (field.Name, field.Value.ValueKind)
                {
                    case ("file", JsonValueKind.String):
                        wish = wish with { File = field.Value.GetString() };
                        break;
                    case ("run", JsonValueKind.Number):
                        wish = wish with { Run = field.Value.GetRawText() };
                        break;
                    case ("item", JsonValueKind.String):
                        wish = wish with { Item = field.Value.GetString() };
                        break;
                    case ("item", JsonValueKind.Number):
                        wish = wish with { Item = field.Value.GetRawText() };
                        break;
                    case ("view", JsonValueKind.String) when field.Value.GetString() is "sent" or "thumbnail" or "illustration":
                        (wish, hasView) = (wish with { View = Enum.Parse<ItemView>(field.Value.GetString()!, ignoreCase: true) }, true);
                        break;
                    case ("part", JsonValueKind.Number) when field.Value.TryGetInt32(out var part) && part is >= 0 and <= PreviewEndpoints.MaxPart:
                        wish = wish with { Part = part };
                        break;
                    default:
                        return null;
                }
            }

            var isFile = wish is { File: not null, Run: null, Item: null } && !hasView;
            var isReport = wish is { File: null, Run: not null, Item: null, Part: 0, View: ItemView.Illustration };
            var isItem = wish is { File: null, Run: not null, Item: not null } && hasView && wish.View != ItemView.Illustration;
            return isFile || isReport || isItem ? wish : null;
        }
    }

    /// <summary>Links in the order in which they were asked for.</summary>
    private sealed record IssuedLinks(IReadOnlyList<IssuedLink> Links);

    /// <param name="Url">Address of the link, relative to the host.</param>
    /// <param name="ExpiresAt">When it ends.</param>
    /// <param name="Problem">Why there is no link.</param>
    private sealed record IssuedLink(
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Url,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? ExpiresAt,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] LinkProblem? Problem);

    private sealed record LinkProblem(string Code, string Detail);
}
