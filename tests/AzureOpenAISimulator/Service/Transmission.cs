using System.Globalization;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Wire;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace AzureOpenAISimulator.Service;

/// <summary>
/// Sends one answer, well or badly. The books (delivered, in flight, status) are closed before the last byte leaves, so that a caller
/// who has the answer finds them closed.
/// </summary>
public sealed class Transmission(HttpContext context, Simulator simulator, int number, CallKind kind)
{
    private bool _left;

    private CancellationToken Aborted => context.RequestAborted;

    public async Task SendAsync(Answer answer, Fault? fault)
    {
        if (fault?.DelayMs > 0) await Task.Delay(TimeSpan.FromMilliseconds(fault.DelayMs), simulator.Time, Aborted);
        switch (fault?.Kind)
        {
            case FaultKind.ResetBeforeAnswer or FaultKind.AnswerLost:
                Leave();
                context.Abort();
                return;
            case FaultKind.ResetDuringAnswer:
                await StartAsync(answer, answer.Body.Length);
                await WriteAsync(answer.Body.AsMemory(0, answer.Body.Length / 2));
                Leave();
                context.Abort();
                return;
            case FaultKind.TruncatedBody:
                answer = answer with { Body = answer.Body[..(answer.Body.Length * 2 / 3)] };
                break;
            case FaultKind.WrongContentType:
                answer = new Answer(200, "text/html; charset=utf-8", "<html><body><h1>Please sign in to the network</h1></body></html>"u8.ToArray());
                break;
        }
        await StartAsync(answer, answer.Body.Length);
        var dripping = fault?.Kind == FaultKind.SlowDrip ? fault : null;
        var last = Math.Max(0, answer.Body.Length - 1);
        for (var at = 0; at < last;)
        {
            var piece = Math.Min(dripping?.ChunkBytes ?? last, last - at);
            await WriteAsync(answer.Body.AsMemory(at, piece));
            at += piece;
            if (dripping is not null) await Task.Delay(TimeSpan.FromMilliseconds(dripping.IntervalMs), simulator.Time, Aborted);
        }
        Aborted.ThrowIfCancellationRequested();
        simulator.Bill.MarkDelivered(number, delivered: true);
        Leave();
        // Asked for once the headers are out, so that none of them announces it. An abort could destroy what the caller has not read yet.
        if (fault?.Kind == FaultKind.ClosedAfterAnswer) context.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>().RequestClose();
        await WriteAsync(answer.Body.AsMemory(last));
    }

    /// <summary>The caller went before it had the whole answer.</summary>
    public void Abandon() => simulator.Bill.MarkDelivered(number, delivered: false);

    public void Leave()
    {
        if (_left) return;
        _left = true;
        simulator.Gauge.Leave(kind);
    }

    private async Task StartAsync(Answer answer, int length)
    {
        simulator.Log.Update(number, call => call with { Status = answer.Status });
        var response = context.Response;
        response.StatusCode = answer.Status;
        response.ContentType = answer.ContentType;
        response.ContentLength = length;
        response.Headers["x-request-id"] = string.Create(CultureInfo.InvariantCulture, $"simulated-{number}");
        response.Headers["openai-version"] = "2020-10-01";
        foreach (var (name, value) in answer.Headers) response.Headers[name] = value;
        await response.StartAsync(Aborted);
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        await context.Response.Body.WriteAsync(bytes, Aborted);
        await context.Response.Body.FlushAsync(Aborted);
    }
}
