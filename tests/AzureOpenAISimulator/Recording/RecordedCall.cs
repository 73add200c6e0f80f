using System.Text.Json.Nodes;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Media;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Recording;

/// <summary>A call as it came and how it was answered. Neither keys nor media are kept.</summary>
/// <param name="Number">From 1, in order of arrival; goes on after a reset.</param>
public sealed record RecordedCall(int Number, DateTimeOffset ReceivedAt, Dialect Dialect, CallKind Kind, string Path, string? ApiVersion)
{
    /// <summary><c>api-key</c>, <c>bearer</c>, or null where it was refused.</summary>
    public string? Authentication { get; init; }

    public string? Deployment { get; init; }

    /// <summary>Chat: the body, images replaced by <c>sha256:…</c>. Transcription: the fields but the file.</summary>
    public JsonObject? Body { get; init; }

    public IReadOnlyList<ReceivedMedia> Media { get; init; } = [];

    /// <summary>As in <see cref="Billing.BillLine"/>.</summary>
    public string? ContentHash { get; init; }

    public string? RequestHash { get; init; }

    public FaultKind? Fault { get; init; }

    /// <summary>HTTP status; null while it is worked on, or where the connection was reset without one.</summary>
    public int? Status { get; init; }

    /// <summary><c>error.code</c> of the answer.</summary>
    public string? ErrorCode { get; init; }
}
