using AzureOpenAISimulator.Billing;
using AzureOpenAISimulator.Calls;
using AzureOpenAISimulator.Chat;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Pictures;
using AzureOpenAISimulator.Recording;
using AzureOpenAISimulator.Speech;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Service;

/// <summary>The way of every call: who, where, what, what goes wrong, the answer, the bill.</summary>
public sealed class CallHandler(Simulator simulator)
{
    /// <param name="deploymentInPath">Null where the body names the model.</param>
    public async Task HandleAsync(HttpContext context, Dialect dialect, CallKind kind, string? deploymentInPath)
    {
        var apiVersion = (string?)context.Request.Query["api-version"];
        var number = simulator.Log.Open(simulator.Time.GetUtcNow(), dialect, kind, context.Request.Path, apiVersion);
        simulator.Gauge.Enter(kind);
        var transmission = new Transmission(context, simulator, number, kind);
        try
        {
            Fault? fault = null;
            Answer answer;
            try
            {
                var authentication = simulator.Authentication.Check(dialect, context.Request);
                simulator.Log.Update(number, call => call with { Authentication = authentication });
                ApiVersions.Check(dialect, apiVersion);
                var request = await ReadAsync(context, kind);
                var name = deploymentInPath ?? request.Model ?? throw Refusals.Invalid("you must provide a model parameter");
                simulator.Log.Update(number, call => call with
                {
                    Deployment = name,
                    Body = request.Recorded,
                    Media = request.Media,
                    ContentHash = request.ContentHash,
                    RequestHash = request.RequestHash,
                });
                var deployment = simulator.Deployment(name) ?? throw Refusals.UnknownModel(dialect, name);
                if (dialect == Dialect.AzureV1 && !deployment.OnV1) throw Refusals.UnknownModel(dialect, name);
                var tier = request.Tier(deployment.Family, dialect);

                fault = simulator.Faults.Next(new(kind, name, tier, Hashes(request), request.Texts));
                if (fault is not null) simulator.Log.Update(number, call => call with { Fault = fault.Kind });
                ThrowIfRefused(fault, dialect, kind, name, apiVersion);
                if (fault?.Kind == FaultKind.OtherTier) tier = fault.Tier;
                answer = fault?.Kind == FaultKind.ResetBeforeAnswer
                    ? Answer.Text("")
                    : await BillAsync(request, ContextOf(deployment, dialect, apiVersion, fault, tier), number, kind, context.RequestAborted);
            }
            catch (WireException refused)
            {
                await DrainAsync(context);
                simulator.Log.Update(number, call => call with { ErrorCode = refused.Code });
                answer = refused.Answer;
            }
            catch (Exception malformed) when (malformed is InvalidOperationException or FormatException or ArgumentException)
            {
                // JSON of the wrong type somewhere in the body, such as a string for a number, or a name given twice.
                answer = Refusals.Invalid(malformed.Message, code: "invalid_type").Answer;
            }
            await transmission.SendAsync(answer, fault);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The caller has gone; the bill's line stays undelivered.
            transmission.Abandon();
        }
        finally
        {
            transmission.Leave();
        }
    }

    private CallContext ContextOf(Deployment deployment, Dialect dialect, string? apiVersion, Fault? fault, ServiceTier tier) => new(
        deployment, dialect, apiVersion, simulator.Known, fault?.Kind, tier, simulator.Time.GetUtcNow(), simulator.Settings, simulator.Prompts);

    private async Task<Answer> BillAsync(
        WireRequest request, CallContext context, int number, CallKind kind, CancellationToken cancellationToken)
    {
        var (answer, usage) = await request.AnswerAsync(context, cancellationToken);
        var (deployment, model) = (context.Deployment.Name, context.Model.Name);
        simulator.Bill.Add(new BillLine(number, kind, deployment, model, request.ContentHash, request.RequestHash, usage, Delivered: false)
        {
            Tier = context.Tier,
            Usd = context.Price is { } price && price.IsKnownAt(context.Tier) ? price.Usd(usage, context.Tier) : null,
        });
        return answer;
    }

    private static List<string> Hashes(WireRequest request) =>
        [request.ContentHash, .. request.Media.Select(media => media.ContentHash).Where(hash => hash != request.ContentHash)];

    private static async Task<WireRequest> ReadAsync(HttpContext context, CallKind kind) => kind switch
    {
        CallKind.Chat => await ChatRequest.ReadAsync(context.Request, context.RequestAborted),
        CallKind.Transcription => await TranscriptionRequest.ReadAsync(context.Request, context.RequestAborted),
        _ => await PictureRequest.ReadAsync(context.Request, context.RequestAborted),
    };

    private static void ThrowIfRefused(Fault? fault, Dialect dialect, CallKind kind, string name, string? apiVersion)
    {
        switch (fault?.Kind)
        {
            case FaultKind.TooManyRequests:
                throw Refusals.TooManyRequests(dialect, kind, name, apiVersion, fault.RetryAfterSeconds, fault.RetryAfterMs);
            case FaultKind.ResourceUnavailable:
                throw Refusals.ResourceUnavailable(fault.RetryAfterSeconds);
            case FaultKind.ServerError when fault.Status == StatusCodes.Status404NotFound:
                throw Refusals.UnknownModel(dialect, name);
            case FaultKind.ServerError:
                throw Refusals.ServerError(dialect, fault.Status, fault.RetryAfterSeconds);
            case FaultKind.PromptFiltered when kind == CallKind.ImageGeneration:
                throw Refusals.PictureRefused();
            case FaultKind.PromptFiltered:
                throw Refusals.PromptFiltered();
        }
    }

    // A refusal that leaves the body unread would reach a sending client as a broken connection.
    private static Task DrainAsync(HttpContext context) => context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
}
