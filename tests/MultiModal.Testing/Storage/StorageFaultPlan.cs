using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MultiModal.Testing.Storage;

/// <summary>
/// Which requests fail, and how: decided by the seed, the request and how often it came, so that a run can be replayed whatever order its requests
/// come in.
/// </summary>
/// <param name="Seed">Of all draws.</param>
/// <param name="Probability">0 to 1.</param>
/// <param name="Kinds">One of these is drawn.</param>
public sealed record StorageFaultPlan(int Seed, double Probability, params IReadOnlyList<StorageFaultKind> Kinds)
{
    public static StorageFaultPlan None { get; } = new(0, 0);

    /// <summary>Requests that may fail; null for all.</summary>
    public Func<ProxiedRequest, bool>? Only { get; init; }

    /// <summary>Only the first so many arrivals of a request fail; null for any.</summary>
    public int? First { get; init; }

    public StorageFaultKind? Draw(ProxiedRequest request)
    {
        if (Kinds.Count == 0 || Only?.Invoke(request) == false || request.Arrival > First) return null;
        var digest = SHA256.HashData(
            Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Seed}|{request.Method}|{request.Target}|{request.Arrival}")));
        if (BinaryPrimitives.ReadUInt32BigEndian(digest) / (uint.MaxValue + 1.0) >= Probability) return null;
        var kind = Kinds[(int)(BinaryPrimitives.ReadUInt32BigEndian(digest.AsSpan(4)) % (uint)Kinds.Count)];
        return kind == StorageFaultKind.PreconditionFailed && !request.IsConditional ? StorageFaultKind.Busy : kind;
    }
}
